package goals

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"osusume/bench/load"
	"osusume/bench/scale"
)

// freshBound is how long an answer may go without the event before the check fails.
const freshBound = 10 * time.Second

// measureFreshness is goal 5: a customer nobody knows buys the first item of the list
// shown; from sending the event to having a list without that item.
func measureFreshness(ctx context.Context, o *options, server *load.Server) ([]Check, error) {
	c := Check{Goal: 5, What: "event sent to answer changed, p99", Bound: atMost(10, "ms")}
	client := &http.Client{Timeout: freshBound}
	defer client.CloseIdleConnections()
	var p50, retries []float64
	for round := range o.rounds {
		took := make([]time.Duration, 0, o.freshEvents)
		again := 0
		for k := range o.freshEvents {
			customer := fmt.Sprintf("fresh-%d-%d", round, k)
			d, n, err := buysFirst(ctx, client, server.URL, customer)
			if err != nil {
				return nil, err
			}
			took, again = append(took, d), again+n-1
			o.progress("events change answers", k+1, o.freshEvents)
		}
		slices.Sort(took)
		c.Values = append(c.Values, scale.Micros(took, 0.99)/1e3)
		p50 = append(p50, scale.Micros(took, 0.5)/1e3)
		retries = append(retries, float64(again)/float64(o.freshEvents))
	}
	c.Note = fmt.Sprintf("%d events one after the other, synced to disk before the answer; p50 %s; answers asked for again: %s per event",
		o.freshEvents, amount(median(p50), "ms"), amount(median(retries), ""))
	return []Check{c}, nil
}

// buysFirst sends a purchase of the first item of a list and asks until the item is
// gone from it; it returns the time and how often it asked.
func buysFirst(ctx context.Context, client *http.Client, base, customer string) (time.Duration, int, error) {
	// This placement never shows what a customer has.
	ask := base + "/recommend?placement=discover&customer_id=" + url.QueryEscape(customer)
	list, err := listFor(ctx, client, ask)
	if err != nil {
		return 0, 0, err
	}
	if len(list) == 0 {
		return 0, 0, errors.New("measure freshness: the list of a new customer is empty")
	}
	item := list[0]
	body := `{"event":"purchase","event_id":` + strconv.Quote("e-"+customer) + `,"order_id":` + strconv.Quote("o-"+customer) +
		`,"customer_id":` + strconv.Quote(customer) + `,"items":[{"item_id":` + strconv.Quote(item) + `}]}`
	began := time.Now()
	if err := post(ctx, client, base+"/events", body); err != nil {
		return 0, 0, err
	}
	for n := 1; ; n++ {
		list, err := listFor(ctx, client, ask)
		took := time.Since(began)
		switch {
		case err != nil:
			return 0, 0, err
		case !slices.Contains(list, item):
			return took, n, nil
		case took > freshBound:
			return 0, 0, fmt.Errorf("measure freshness: a purchase of %s does not show in %s", item, freshBound)
		}
	}
}

// listFor returns the items of an answer.
func listFor(ctx context.Context, client *http.Client, ask string) ([]string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, ask, http.NoBody)
	if err != nil {
		return nil, fmt.Errorf("ask for a list: %w", err)
	}
	body, err := do(client, req)
	if err != nil {
		return nil, fmt.Errorf("ask for a list: %w", err)
	}
	var answer struct {
		Items []struct {
			ItemID string `json:"item_id"`
		} `json:"items"`
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return nil, fmt.Errorf("ask for a list: %w", err)
	}
	ids := make([]string, len(answer.Items))
	for i := range ids {
		ids[i] = answer.Items[i].ItemID
	}
	return ids, nil
}

func post(ctx context.Context, client *http.Client, to, body string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to, bytes.NewReader([]byte(body)))
	if err != nil {
		return fmt.Errorf("send an event: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	if _, err := do(client, req); err != nil {
		return fmt.Errorf("send an event: %w", err)
	}
	return nil
}

// do sends a request and returns the body of a 2xx answer.
func do(client *http.Client, req *http.Request) (body []byte, err error) {
	resp, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, resp.Body.Close()) }()
	if body, err = io.ReadAll(io.LimitReader(resp.Body, 1<<20)); err != nil {
		return nil, err
	}
	if resp.StatusCode/100 != 2 {
		return nil, fmt.Errorf("status %d: %.300s", resp.StatusCode, body)
	}
	return body, nil
}
