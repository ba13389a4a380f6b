package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// The shape of the crash test: every writer sends batches one after the other,
// so that what the server acknowledged is known exactly.
const (
	crashRounds  = 20
	crashWriters = 4
	crashBatch   = 5
	// crashCustomer is how many events one customer gets: fewer than the index
	// keeps of a history, so that its counts are exact.
	crashCustomer = 1000
)

// TestKillNine kills the real binary under ingest again and again. After every
// restart all acknowledged events must be there, once; at the end the store
// must verify and the index must equal one rebuilt from the log.
func TestKillNine(t *testing.T) {
	rounds := crashRounds
	if testing.Short() {
		rounds = 5
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	binary, data := buildBinary(t), filepath.Join(t.TempDir(), "data")

	writers := make([]*crashWriter, crashWriters)
	for i := range writers {
		writers[i] = &crashWriter{name: fmt.Sprintf("writer-%d", i)}
	}
	inFlight := 0
	for round := range rounds {
		server := startBinary(t, binary, data)
		for _, w := range writers {
			w.settle(t, server.url)
		}
		ctx, cancel := context.WithCancel(t.Context())
		var group sync.WaitGroup
		acked := make(chan struct{}, 1)
		for _, w := range writers {
			group.Go(func() { w.send(ctx, t, server.url, acked) })
		}
		select {
		case <-acked: // under way: the kill below hits real work
		case <-time.After(20 * time.Second):
			t.Fatalf("round %d: nothing acknowledged in 20 s\n%s", round, server.log())
		}
		pause := time.NewTimer(time.Duration(rng.IntN(80_000)) * time.Microsecond)
		<-pause.C
		server.kill(t)
		cancel()
		group.Wait()
		for _, w := range writers {
			inFlight += len(w.doubtful)
		}
	}
	if inFlight == 0 {
		t.Error("no batch was ever in flight at a kill: the test tests nothing")
	}

	server := startBinary(t, binary, data)
	total := 0
	for _, w := range writers {
		w.settle(t, server.url)
		total += w.acknowledged
	}
	server.stop(t)
	t.Logf("%d kills, %d events acknowledged, %d in flight at a kill", rounds, total, inFlight)

	out, err := exec.CommandContext(t.Context(), binary, "verify", "--index", "--data", data).CombinedOutput()
	t.Logf("verify: %s", out)
	if err != nil {
		t.Fatalf("verify: %v", err)
	}
}

// crashWriter sends events n = 0, 1, 2, ... Those below acknowledged were
// answered with 2xx; doubtful ones got no answer.
type crashWriter struct {
	name         string
	acknowledged int   // events, all from the first on
	doubtful     []int // event numbers sent without an answer
}

func (w *crashWriter) customer(n int) string { return fmt.Sprintf("%s-%d", w.name, n/crashCustomer) }

func (w *crashWriter) event(n int) map[string]any {
	return map[string]any{
		"event": "view_item", "event_id": fmt.Sprintf("%s-event-%d", w.name, n), "customer_id": w.customer(n),
		"time":  time.Date(2026, 1, 1, 0, 0, n, 0, time.UTC).Format(time.RFC3339),
		"items": []map[string]any{{"item_id": fmt.Sprintf("item-%d", n%17)}},
	}
}

// send posts batches until the server goes away.
func (w *crashWriter) send(ctx context.Context, t *testing.T, url string, acked chan<- struct{}) {
	for {
		batch := make([]int, crashBatch)
		for i := range batch {
			batch[i] = w.acknowledged + i
		}
		verdicts, err := w.post(ctx, url, batch)
		if err != nil {
			w.doubtful = batch
			return
		}
		if verdicts.Accepted != len(batch) {
			t.Errorf("%s: new events %v: got %+v, want all accepted", w.name, batch, verdicts)
			return
		}
		w.acknowledged += len(batch)
		select {
		case acked <- struct{}{}:
		default:
		}
	}
}

// settle compares what the restarted server has with what it acknowledged,
// then sends the doubtful events again so that their fate is known.
func (w *crashWriter) settle(t *testing.T, url string) {
	t.Helper()
	count := w.count(t, url)
	// A batch is one commit: a doubtful one is there as a whole or not at all.
	if count != w.acknowledged && count != w.acknowledged+len(w.doubtful) {
		t.Errorf("%s: has %d events, want %d acknowledged or these and %d in flight",
			w.name, count, w.acknowledged, len(w.doubtful))
	}
	all := make([]int, w.acknowledged)
	for i := range all {
		all[i] = i
	}
	for len(all) > 0 {
		n := min(len(all), 5000)
		got, err := w.post(t.Context(), url, all[:n])
		if err != nil || got.Duplicates != n {
			t.Fatalf("%s: sent %d acknowledged events again: got %+v, %v; want all duplicates", w.name, n, got, err)
		}
		all = all[n:]
	}
	if len(w.doubtful) > 0 {
		got, err := w.post(t.Context(), url, w.doubtful)
		if err != nil || got.Accepted+got.Duplicates != len(w.doubtful) || got.Accepted*got.Duplicates != 0 {
			t.Fatalf("%s: sent the events in flight again: got %+v, %v; want all new or all duplicates", w.name, got, err)
		}
		w.acknowledged += len(w.doubtful)
		w.doubtful = nil
	}
	if count := w.count(t, url); count != w.acknowledged {
		t.Errorf("%s: has %d events after sending all again, want %d", w.name, count, w.acknowledged)
	}
}

type verdictCounts struct {
	Accepted, Duplicates, Rejected int
	Seq                            uint64
}

func (w *crashWriter) post(ctx context.Context, url string, numbers []int) (verdictCounts, error) {
	events := make([]map[string]any, len(numbers))
	for i, n := range numbers {
		events[i] = w.event(n)
	}
	body, err := json.Marshal(events)
	if err != nil {
		return verdictCounts{}, err
	}
	var got verdictCounts
	err = call(ctx, http.MethodPost, url+"/events", body, &got)
	return got, err
}

// count asks the server how many events of the writer's customers it has.
func (w *crashWriter) count(t *testing.T, url string) int {
	t.Helper()
	total := 0
	for n := 0; n <= w.acknowledged+crashBatch; n += crashCustomer {
		var got struct{ Counts map[string]int }
		err := call(t.Context(), http.MethodGet, url+"/customers/"+w.customer(n)+"?limit=1", nil, &got)
		if notFound := (statusError{}); errors.As(err, &notFound) && notFound.code == http.StatusNotFound {
			continue
		}
		if err != nil {
			t.Fatalf("%s: ask for counts: %v", w.name, err)
		}
		total += got.Counts["view_item"]
	}
	return total
}

type statusError struct {
	code int
	body string
}

func (e statusError) Error() string { return fmt.Sprintf("status %d: %s", e.code, e.body) }

// call sends a JSON request and decodes the answer into out.
func call(ctx context.Context, method, url string, body []byte, out any) error {
	req, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return statusError{resp.StatusCode, string(text)}
	}
	return json.Unmarshal(text, out)
}

// binaryServer is a server process of the real binary.
type binaryServer struct {
	cmd *exec.Cmd
	url string
	// stopping is closed when the process says that it stops, done when its log
	// has ended.
	stopping, done chan struct{}

	mu    sync.Mutex
	lines strings.Builder
}

// buildBinary compiles the program, with the race detector if this test has it.
func buildBinary(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "osusume")
	args := []string{"build", "-o", binary}
	if raceEnabled() {
		args = append(args, "-race")
	}
	out, err := exec.CommandContext(t.Context(), "go", append(args, ".")...).CombinedOutput()
	if err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	return binary
}

func raceEnabled() bool {
	info, _ := debug.ReadBuildInfo()
	for _, s := range info.Settings {
		if s.Key == "-race" {
			return s.Value == "true"
		}
	}
	return false
}

// startBinary serves data on a free port and waits until it is ready.
func startBinary(t *testing.T, binary, data string) *binaryServer {
	t.Helper()
	cmd := exec.Command(binary, "serve", "--addr", "127.0.0.1:0", "--data", data, "--log-format", "json")
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	s := &binaryServer{cmd: cmd, stopping: make(chan struct{}), done: make(chan struct{})}
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // already gone unless the test failed
		<-s.done
		_ = cmd.Wait()
	})
	ready := make(chan string, 1)
	go func() {
		defer close(s.done)
		for lines := bufio.NewScanner(stderr); lines.Scan(); {
			s.mu.Lock()
			s.lines.WriteString(lines.Text() + "\n")
			s.mu.Unlock()
			var entry struct{ Msg, URL string }
			if json.Unmarshal(lines.Bytes(), &entry) != nil {
				continue
			}
			switch {
			case entry.Msg == "listening":
				ready <- entry.URL
			case strings.HasPrefix(entry.Msg, "stopping"):
				close(s.stopping)
			}
		}
	}()
	select {
	case s.url = <-ready:
	case <-s.done:
		t.Fatalf("the server ended before it was ready\n%s", s.log())
	case <-time.After(time.Minute):
		t.Fatalf("the server was not ready in a minute\n%s", s.log())
	}
	return s
}

func (s *binaryServer) log() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lines.String()
}

// kill ends the process without any chance to clean up.
func (s *binaryServer) kill(t *testing.T) {
	t.Helper()
	if err := s.cmd.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatalf("kill: %v", err)
	}
	<-s.done
	if err := s.cmd.Wait(); err == nil {
		t.Fatal("the killed server ended with status 0")
	}
	if log := s.log(); strings.Contains(log, "DATA RACE") || strings.Contains(log, "panic:") {
		t.Fatalf("the server failed by itself:\n%s", log)
	}
}

// stop ends the process as a supervisor does.
func (s *binaryServer) stop(t *testing.T) {
	t.Helper()
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatalf("stop: %v", err)
	}
	<-s.done
	if err := s.cmd.Wait(); err != nil {
		t.Fatalf("stop: %v\n%s", err, s.log())
	}
}

// TestSecondSignalEndsAtOnce holds a request open, so that an orderly end
// would take its full time.
func TestSecondSignalEndsAtOnce(t *testing.T) {
	server := startBinary(t, buildBinary(t), filepath.Join(t.TempDir(), "data"))
	conn, err := net.Dial("tcp", strings.TrimPrefix(server.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	// The server reads the body once it has said "100 Continue".
	_, err = io.WriteString(conn, "POST /events HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"+
		"Expect: 100-continue\r\nContent-Length: 100\r\n\r\n")
	if err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(conn).ReadString('\n'); err != nil || !strings.Contains(line, "100") {
		t.Fatalf("held request: got %q, %v", line, err)
	}
	if err := server.cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	select {
	case <-server.stopping:
	case <-time.After(20 * time.Second):
		t.Fatalf("the first signal does not stop it\n%s", server.log())
	}
	if err := server.cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	select {
	case <-server.done:
	case <-time.After(10 * time.Second): // an orderly end waits 15 s for the request
		t.Fatalf("the second signal does not end it\n%s", server.log())
	}
	_ = server.cmd.Wait() // its error is the status looked at below
	if got := server.cmd.ProcessState.ExitCode(); got != exitKilled {
		t.Errorf("exit status %d, want %d\n%s", got, exitKilled, server.log())
	}
}
