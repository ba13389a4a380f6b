package load

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"
)

// startTimeout bounds the wait for a child to listen, stopTimeout that for it
// to end once asked.
const (
	startTimeout = 5 * time.Minute
	stopTimeout  = time.Minute
)

// listening is the line of JSON with which a server says on standard error
// where it listens; all of its log is such lines.
type listening struct {
	Msg  string `json:"msg"`
	URL  string `json:"url"`
	Name string `json:"name,omitempty"`
}

const listeningMsg = "listening"

// child is a server process of ours.
type child struct {
	url  string
	name string // what it calls itself
	cmd  *exec.Cmd
	done chan struct{} // closed once it has ended

	mu  sync.Mutex
	log []string // its last lines; guarded by mu

	waitErr error // set before done is closed
}

// keptLines is how much of a child's log is kept to explain its failure.
const keptLines = 20

// startChild runs binary and waits until it listens.
func startChild(ctx context.Context, binary string, args ...string) (*child, error) {
	c := &child{cmd: exec.Command(binary, args...), done: make(chan struct{})}
	ownGroup(c.cmd)
	stderr, err := c.cmd.StderrPipe()
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", args[0], err)
	}
	if err := c.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", args[0], err)
	}
	ready := make(chan listening, 1)
	go func() {
		defer close(c.done)
		lines := bufio.NewScanner(stderr)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			c.keep(lines.Text())
			var entry listening
			if json.Unmarshal(lines.Bytes(), &entry) == nil && entry.Msg == listeningMsg {
				select {
				case ready <- entry:
				default:
				}
			}
		}
		c.waitErr = c.cmd.Wait()
	}()
	timeout := time.NewTimer(startTimeout)
	defer timeout.Stop()
	select {
	case entry := <-ready:
		c.url, c.name = entry.URL, entry.Name
		return c, nil
	case <-c.done:
		return nil, fmt.Errorf("start %s: it ended: %w\n%s", args[0], errors.Join(c.waitErr), c.lastLines())
	case <-timeout.C:
		err = errors.New("it does not listen")
	case <-ctx.Done():
		err = ctx.Err()
	}
	return nil, errors.Join(fmt.Errorf("start %s: %w", args[0], err), c.stop())
}

func (c *child) keep(line string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.log) == keptLines {
		c.log = append(c.log[:0], c.log[1:]...)
	}
	c.log = append(c.log, line)
}

func (c *child) lastLines() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return strings.Join(c.log, "\n")
}

// stop asks the process to end and waits for it.
func (c *child) stop() error {
	_ = c.cmd.Process.Signal(syscall.SIGTERM) // fails if it has ended
	timeout := time.NewTimer(stopTimeout)
	defer timeout.Stop()
	select {
	case <-c.done:
	case <-timeout.C:
		_ = c.cmd.Process.Kill() // as above
		<-c.done
		return errors.New("the server did not stop in time and was killed")
	}
	if c.waitErr != nil {
		return fmt.Errorf("the server failed: %w\n%s", c.waitErr, c.lastLines())
	}
	return nil
}

// self is the path of the program that runs.
func self() (string, error) {
	path, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("find the program to start: %w", err)
	}
	return path, nil
}
