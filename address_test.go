package main

import (
	"strings"
	"testing"
)

func TestListenRefusesOthers(t *testing.T) {
	tests := map[string]struct {
		addr     string
		insecure bool
		want     string // in the error; "" is none
	}{
		"loopback":                  {addr: "127.0.0.1:0"},
		"another loopback address":  {addr: "127.8.9.10:0"},
		"a name of this machine":    {addr: "localhost:0"},
		"mapped loopback":           {addr: "[::ffff:127.0.0.1]:0"},
		"every IPv4 address":        {addr: "0.0.0.0:0", want: "--insecure"},
		"every IPv6 address":        {addr: "[::]:0", want: "--insecure"},
		"mapped every address":      {addr: "[::ffff:0.0.0.0]:0", want: "--insecure"},
		"no host":                   {addr: ":0", want: "every address"},
		"nothing":                   {addr: "", want: "host:port"},
		"no port":                   {addr: "127.0.0.1", want: "host:port"},
		"a private network":         {addr: "10.1.2.3:0", want: "--insecure"},
		"a name that is no address": {addr: "shop.invalid:0", want: "shop.invalid"},
		"every address on demand":   {addr: "0.0.0.0:0", insecure: true},
		"a port that does not fit":  {addr: "127.0.0.1:70000", want: "70000"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			ln, err := listen(t.Context(), tt.addr, tt.insecure)
			if err == nil {
				defer ln.Close()
			}
			switch {
			case tt.want == "" && err != nil:
				t.Errorf("got error %v, want none", err)
			case tt.want != "" && err == nil:
				t.Errorf("listens on %s, want an error", ln.Addr())
			case tt.want != "" && !strings.Contains(err.Error(), tt.want):
				t.Errorf("got error %q, want it to name %q", err, tt.want)
			}
		})
	}
}

func TestReachable(t *testing.T) {
	tests := map[string]string{
		"127.0.0.1:8080": "127.0.0.1:8080",
		"0.0.0.0:8080":   "127.0.0.1:8080",
		"[::]:8080":      "127.0.0.1:8080",
		":8080":          "127.0.0.1:8080",
		"[::1]:9":        "[::1]:9",
		"shop:80":        "shop:80",
	}
	for addr, want := range tests {
		if got := reachable(addr); got != want {
			t.Errorf("reachable(%q) = %q, want %q", addr, got, want)
		}
	}
}
