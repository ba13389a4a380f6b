package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

func newHealthcheckCommand(p *process) *cobra.Command {
	var addr, url string
	var timeout time.Duration
	cmd := &cobra.Command{
		Use:   "healthcheck",
		Short: "Ask a running server whether it is ready",
		Long: `Ask a running server whether it is ready: status 0 when it is, 1 when not.
It reads the same --addr (or OSUSUME_ADDR) as serve, so a container needs
nothing but the binary to check itself.`,
		Example: `  osusume healthcheck
  osusume healthcheck --addr 127.0.0.1:9000
  osusume healthcheck --url http://10.0.0.5:8080`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if url == "" {
				url = "http://" + reachable(addr)
			}
			ctx, cancel := context.WithTimeout(cmd.Context(), timeout)
			defer cancel()
			if err := healthcheck(ctx, strings.TrimSuffix(url, "/")); err != nil {
				return err
			}
			_, err := fmt.Fprintln(p.stdout, "ready")
			return err
		},
	}
	cmd.Flags().StringVar(&addr, "addr", defaultAddr, "address the server listens on")
	cmd.Flags().StringVar(&url, "url", "", "base URL of the server, instead of --addr")
	cmd.Flags().DurationVar(&timeout, "timeout", 3*time.Second, "how long to wait for the answer")
	return cmd
}

func healthcheck(ctx context.Context, base string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/readyz", http.NoBody)
	if err != nil {
		return usage("--url: %w", err)
	}
	// A client of its own: a proxy set for other traffic has no part in this.
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		return fmt.Errorf("ask for readiness: %w", err)
	}
	defer resp.Body.Close() //nolint:errcheck // nothing more to read
	body, err := io.ReadAll(io.LimitReader(resp.Body, 4096))
	if err != nil {
		return fmt.Errorf("read readiness: %w", err)
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("not ready: %s: %s", resp.Status, strings.TrimSpace(string(body)))
	}
	return nil
}
