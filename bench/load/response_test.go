package load

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
)

func TestReadReply(t *testing.T) {
	long := strings.Repeat("x", 9000)
	tests := map[string]struct {
		in   string
		want reply
		rest string // left on the connection
		err  error
	}{
		"with a length":              {in: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhelloHTTP", want: reply{status: 200, body: 5}, rest: "HTTP"},
		"names in any case":          {in: "HTTP/1.1 200 OK\r\ncontent-LENGTH:5\r\n\r\nhello", want: reply{status: 200, body: 5}},
		"no reason":                  {in: "HTTP/1.1 404\r\nContent-Length: 0\r\n\r\n", want: reply{status: 404}},
		"bare line feeds":            {in: "HTTP/1.1 200 OK\nContent-Length: 2\n\nok", want: reply{status: 200, body: 2}},
		"chunked":                    {in: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nA;x=1\r\n0123456789\r\n0\r\nT: 1\r\n\r\nrest", want: reply{status: 200, body: 15}, rest: "rest"},
		"nothing to read after 204":  {in: "HTTP/1.1 204 No Content\r\n\r\nrest", want: reply{status: 204}, rest: "rest"},
		"a length but no body: 304":  {in: "HTTP/1.1 304 Not Modified\r\nContent-Length: 900\r\n\r\nrest", want: reply{status: 304}, rest: "rest"},
		"first 100 then the answer":  {in: "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 1\r\n\r\nx", want: reply{status: 201, body: 1}},
		"the server closes":          {in: "HTTP/1.1 503 Busy\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx", want: reply{status: 503, body: 1, close: true}},
		"to the end":                 {in: "HTTP/1.1 200 OK\r\n\r\nuntil the end", want: reply{status: 200, body: 13, close: true}},
		"an old server":              {in: "HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx", want: reply{status: 200, body: 1, close: true}},
		"closed before the answer":   {in: "", err: io.EOF},
		"cut within the head":        {in: "HTTP/1.1 200 OK\r\nConte", err: io.ErrUnexpectedEOF, want: reply{status: 200}},
		"cut within the body":        {in: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel", err: io.ErrUnexpectedEOF, want: reply{status: 200, body: 3}},
		"cut within a chunk":         {in: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel", err: io.ErrUnexpectedEOF, want: reply{status: 200, body: 3}},
		"not HTTP":                   {in: "SSH-2.0-OpenSSH_9.9\r\n", err: errMalformed},
		"a status of letters":        {in: "HTTP/1.1 abc OK\r\n\r\n", err: errMalformed},
		"a negative length":          {in: "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n", err: errMalformed, want: reply{status: 200}},
		"two lengths":                {in: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n", err: errMalformed, want: reply{status: 200}},
		"a header without a colon":   {in: "HTTP/1.1 200 OK\r\nnonsense\r\n\r\n", err: errMalformed, want: reply{status: 200}},
		"a body larger than allowed": {in: "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n", err: errMalformed, want: reply{status: 200}},
		"a chunk without its end":    {in: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nokXX\r\n", err: errMalformed, want: reply{status: 200, body: 2}},
		"a line without end":         {in: "HTTP/1.1 200 OK\r\nX: " + long + "\r\n\r\n", err: errMalformed, want: reply{status: 200}},
		"headers without end":        {in: "HTTP/1.1 200 OK\r\n" + strings.Repeat("A: b\r\n", 200), err: errMalformed, want: reply{status: 200}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := bufio.NewReaderSize(strings.NewReader(tt.in), readBuffer)
			got, err := readReply(r)
			if got != tt.want || !errors.Is(err, tt.err) {
				t.Errorf("got %+v, error %v; want %+v, error %v", got, err, tt.want, tt.err)
			}
			if tt.err == nil {
				if rest, _ := io.ReadAll(r); string(rest) != tt.rest {
					t.Errorf("left on the connection: %q, want %q", rest, tt.rest)
				}
			}
		})
	}
}

// FuzzReadReply holds that the reader ends, stays within its bounds, and sees
// what net/http sees wherever both accept an answer.
func FuzzReadReply(f *testing.F) {
	for _, s := range []string{
		"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
		"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
		"HTTP/1.0 500 X\r\nConnection: close\r\n\r\nbody",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		got, err := readReply(bufio.NewReaderSize(bytes.NewReader(in), readBuffer))
		if got.body > int64(len(in)) {
			t.Fatalf("a body of %d bytes out of %d", got.body, len(in))
		}
		if err != nil {
			return
		}
		if got.status < 200 || got.status > 999 {
			t.Fatalf("status %d", got.status)
		}
		request, err := http.NewRequest(http.MethodGet, "http://localhost/", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		r := bufio.NewReaderSize(bytes.NewReader(in), readBuffer)
		resp, err := http.ReadResponse(r, request)
		for err == nil && resp.StatusCode < 200 {
			resp, err = http.ReadResponse(r, request)
		}
		if err != nil {
			return // stricter than we are: fine for measuring
		}
		body, err := io.ReadAll(resp.Body)
		if err == nil && (resp.StatusCode != got.status || int64(len(body)) != got.body) {
			t.Errorf("status %d with %d bytes, net/http has %d with %d", got.status, got.body, resp.StatusCode, len(body))
		}
	})
}

func BenchmarkReadReply(b *testing.B) {
	var in bytes.Buffer
	in.WriteString("HTTP/1.1 200 OK\r\nCache-Control: no-store\r\nContent-Type: application/json\r\nVary: Accept-Encoding\r\n" +
		"X-Request-Id: 01KAMPLE\r\nDate: Sat, 21 Nov 2026 23:00:00 GMT\r\nContent-Length: 1024\r\n\r\n")
	in.WriteString(strings.Repeat("x", 1024))
	source := bytes.NewReader(in.Bytes())
	r := bufio.NewReaderSize(source, readBuffer)
	b.ReportAllocs()
	for b.Loop() {
		source.Reset(in.Bytes())
		r.Reset(source)
		if _, err := readReply(r); err != nil {
			b.Fatal(err)
		}
	}
}
