package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"
)

// defaultAddr is reachable from this machine only.
const defaultAddr = "127.0.0.1:8080"

// listen opens addr. Until the shop has keys, an address that other machines
// can reach is refused unless insecure says so.
func listen(ctx context.Context, addr string, insecure bool) (net.Listener, error) {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, usage("--addr: want host:port such as %s: %w", defaultAddr, err)
	}
	if !insecure {
		if err := checkLoopback(ctx, host); err != nil {
			return nil, usage("--addr %s: %w; serving others without keys needs --insecure", addr, err)
		}
	}
	ln, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", addr, err)
	}
	// A name may have resolved differently the second time.
	if !insecure && !isLoopback(ln.Addr()) {
		return nil, errors.Join(usage("--addr %s: %s is not a loopback address", addr, ln.Addr()), ln.Close())
	}
	return ln, nil
}

// checkLoopback fails unless every address of host is a loopback address.
func checkLoopback(ctx context.Context, host string) error {
	if host == "" {
		return errors.New("without a host it listens on every address")
	}
	if ip, err := netip.ParseAddr(host); err == nil {
		if !ip.Unmap().IsLoopback() {
			return fmt.Errorf("%s is not a loopback address", host)
		}
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	ips, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return fmt.Errorf("resolve %s: %w", host, err)
	}
	for _, ip := range ips {
		if !ip.Unmap().IsLoopback() {
			return fmt.Errorf("%s resolves to %s, which is not a loopback address", host, ip)
		}
	}
	return nil
}

func isLoopback(addr net.Addr) bool {
	tcp, ok := addr.(*net.TCPAddr)
	return ok && tcp.IP.IsLoopback()
}

// reachable turns an address to listen on into one to connect to.
func reachable(addr string) string {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return addr
	}
	if ip, err := netip.ParseAddr(host); host == "" || err == nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port)
}
