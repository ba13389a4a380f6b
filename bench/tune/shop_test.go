package tune

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"osusume/bench/eval"
)

const header = "event,time,customer_id,session_id,order_id,item_id,quantity,price,value"

var dayZero = time.Date(2024, 1, 1, 9, 0, 0, 0, time.UTC)

func writeCSV(t testing.TB, rows []string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "train.csv")
	if err := os.WriteFile(name, []byte(header+"\n"+strings.Join(rows, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// fashionShop is half a year in which most of what people buy is what is in fashion
// that fortnight, whatever they bought before: the defaults give too little
// weight to what sells now.
func fashionShop(t testing.TB) string {
	rng := rand.New(rand.NewPCG(7, 7))
	var rows []string
	order := 0
	for day := range 200 {
		hot := day / 14 * 3
		for range 3 {
			who := fmt.Sprintf("c%02d", rng.IntN(40))
			order++
			for k := range 2 {
				item := hot + rng.IntN(3)
				if k == 1 && rng.IntN(3) == 0 {
					item = rng.IntN(60)
				}
				rows = append(rows, fmt.Sprintf("purchase,%s,%s,,o%d,i%02d,1,100,",
					dayZero.AddDate(0, 0, day).Add(time.Duration(order)*time.Second).Format(time.RFC3339), who, order, item))
			}
		}
	}
	return writeCSV(t, rows)
}

// walkShop is a shop of sessions along one of ten paths.
func walkShop(t testing.TB) string {
	rng := rand.New(rand.NewPCG(8, 8))
	var rows []string
	for s := range 500 {
		at := dayZero.Add(time.Duration(s) * 3 * time.Hour)
		path, place := rng.IntN(10), rng.IntN(5)
		for k := range 4 {
			rows = append(rows, fmt.Sprintf("view_item,%s,,s%d,,p%d-%02d,,,",
				at.Add(time.Duration(k)*time.Minute).Format(time.RFC3339), s, path, (place+k*(1+rng.IntN(2)))%12))
		}
	}
	return writeCSV(t, rows)
}

// ratingShop is a shop of two kinds of taste.
func ratingShop(t testing.TB) string {
	rng := rand.New(rand.NewPCG(9, 9))
	var rows []string
	for c := range 40 {
		for range 15 {
			item := c%2*20 + rng.IntN(25)
			rows = append(rows, fmt.Sprintf("rating,%s,c%d,,,r%02d,,,4",
				dayZero.Add(time.Duration(rng.IntN(100*24))*time.Hour).Format(time.RFC3339), c, item))
		}
	}
	return writeCSV(t, rows)
}

// shops has a train file for each task.
func shops(t testing.TB) map[eval.Task]string {
	return map[eval.Task]string{
		eval.Purchases: fashionShop(t),
		eval.Baskets:   fashionShop(t),
		eval.Sessions:  walkShop(t),
		eval.Ratings:   ratingShop(t),
	}
}
