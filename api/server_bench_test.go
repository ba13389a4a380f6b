package api

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"
)

// BenchmarkServer measures requests over loopback connections, the client's
// share included, beside a static answer of bare Echo: hold the rows of one run
// against each other. It is closed-loop; tails are for bench load.
func BenchmarkServer(b *testing.B) {
	server := New(benchConfig(b, time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC)))
	bare := echo.New()
	blob := []byte(`"` + strings.Repeat("x", 1022) + `"`)
	bare.GET("/static", func(c echo.Context) error { return c.Blob(http.StatusOK, mediaJSONType, blob) })
	for _, x := range []struct {
		name, target string
		handler      http.Handler
	}{
		{"static", "/static", bare},
		{"related", "/related/phone-aozora-8-128?limit=10", server.Handler()},
		{"recommend", "/recommend?customer_id=c-coffee&limit=10", server.Handler()},
	} {
		b.Run(x.name, func(b *testing.B) {
			ln, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				b.Fatal(err)
			}
			srv := &http.Server{Handler: x.handler, ReadHeaderTimeout: time.Minute}
			served := make(chan error, 1)
			go func() { served <- srv.Serve(ln) }()
			defer func() {
				_ = srv.Close()
				<-served
			}()
			request := []byte("GET " + x.target + " HTTP/1.1\r\nHost: shop\r\n\r\n")
			b.ReportAllocs()
			b.SetParallelism(16)
			b.RunParallel(func(pb *testing.PB) {
				conn, err := net.Dial("tcp", ln.Addr().String())
				if err != nil {
					b.Error(err)
					return
				}
				defer conn.Close()
				in := bufio.NewReader(conn)
				for pb.Next() {
					if err := ask(conn, in, request); err != nil {
						b.Error(err)
						return
					}
				}
			})
		})
	}
}

// ask sends one request and reads its answer of known length.
func ask(conn io.Writer, in *bufio.Reader, request []byte) error {
	if _, err := conn.Write(request); err != nil {
		return err
	}
	length := 0
	for {
		line, err := in.ReadSlice('\n')
		if err != nil {
			return err
		}
		if len(line) <= 2 {
			break
		}
		if value, ok := strings.CutPrefix(string(line), "Content-Length: "); ok {
			if length, err = strconv.Atoi(strings.TrimSpace(value)); err != nil {
				return err
			}
		}
	}
	_, err := in.Discard(length)
	return err
}
