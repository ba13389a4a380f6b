package load

import (
	"bufio"
	"context"
	"net"
	"time"
)

// readBuffer takes an answer of ten items with its headers in one read.
const readBuffer = 8 << 10

// connection is one keep-alive connection, made when it is needed.
type connection struct {
	addr    string
	timeout time.Duration

	tcp    net.Conn
	reader *bufio.Reader
	until  time.Time // the deadline that is set
}

// do sends a request and reads its answer. After an error the next call
// connects anew. A request gets at least three quarters of the timeout: moving
// the deadline costs more than the rest of this function, so it is not done
// for each request.
func (c *connection) do(ctx context.Context, request []byte, now time.Time) (reply, error) {
	if c.tcp == nil {
		dialer := net.Dialer{Timeout: c.timeout}
		tcp, err := dialer.DialContext(ctx, "tcp", c.addr)
		if err != nil {
			return reply{}, err
		}
		c.tcp, c.until = tcp, time.Time{}
		if c.reader == nil {
			c.reader = bufio.NewReaderSize(nil, readBuffer)
		}
		c.reader.Reset(tcp)
	}
	if c.until.Sub(now) < c.timeout*3/4 {
		c.until = now.Add(c.timeout)
		if err := c.tcp.SetDeadline(c.until); err != nil {
			c.close()
			return reply{}, err
		}
	}
	if _, err := c.tcp.Write(request); err != nil {
		c.close()
		return reply{}, err
	}
	rep, err := readReply(c.reader)
	if err != nil || rep.close {
		c.close()
	}
	return rep, err
}

func (c *connection) close() {
	if c.tcp != nil {
		_ = c.tcp.Close() // nothing is owed on it
		c.tcp = nil
	}
}
