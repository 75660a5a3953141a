//go:build !postgres

package app_test

import (
	"bufio"
	"fmt"
	"net/http"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"juli/internal/identity"
)

// TestGuessing is AUT-3: ten thousand guesses by HTTP, half of them from one
// address and half from two hundred, at accounts that exist and at one that does
// not. What is evaluated stays within the caps; what is answered is the same for
// both; the owner, in the own browser, still gets in.
func TestGuessing(t *testing.T) {
	tn := newTown(t)
	h := tn.Handler()
	owner := tn.enter(t, "nangang1", h)
	owner.send(t, owner.form(t, "/account", "/logout"))
	guesser := newClient(h)
	first := guesser.form(t, "/login", "/login", "password", "Wrong-Horse-77-Battery")
	names := []string{"nangang1", "nobody-has-this"}
	var evaluated [2]int
	var pages [2]map[string]bool
	for i := range pages {
		pages[i] = map[string]bool{}
	}
	before := identity.Hashed()
	const guesses = 10_000
	for i := range guesses {
		guesser.addr = "127.0.0.1"
		if i%2 == 1 {
			guesser.addr = fmt.Sprintf("127.1.%d.1", i/2%200)
		}
		name := i / 2 % 2
		hashes := identity.Hashed()
		a := guesser.send(t, first.with("login", names[name]))
		if identity.Hashed() != hashes {
			evaluated[name]++
		}
		pages[name][fmt.Sprint(a.status, " ", a.header.Get("Retry-After"), " ", told(a.body, names[name]))] = true
	}
	for i, name := range names {
		if evaluated[i] > 5 {
			t.Errorf("%s: %d guesses were evaluated, 5 are allowed", name, evaluated[i])
		}
	}
	if evaluated[0] != evaluated[1] || identity.Hashed()-before != int64(evaluated[0]+evaluated[1]) {
		t.Errorf("work for one that exists %d, for one that doesn't %d", evaluated[0], evaluated[1])
	}
	for page := range pages[0] {
		if !pages[1][page] {
			t.Errorf("only for an account that exists: %.300s", page)
		}
	}
	if len(pages[0]) != len(pages[1]) || len(pages[0]) < 2 {
		t.Errorf("%d different answers for one that exists, %d for one that doesn't", len(pages[0]), len(pages[1]))
	}
	guesser.addr = "127.3.0.1"
	before = identity.Hashed()
	for i := range 300 {
		guesser.send(t, first.with("login", fmt.Sprintf("person-%d", i)))
	}
	if n := identity.Hashed() - before; n != 100 {
		t.Errorf("%d guesses of one address were evaluated, 100 are allowed", n)
	}
	code := tn.accounts["nangang1"]
	a := owner.send(t, owner.form(t, "/login", "/login", "login", "nangang1", "password", code.Password))
	if a.status != http.StatusOK || !strings.Contains(a.body, "动态码") {
		t.Errorf("the owner at the own browser: %d %s", a.status, complaint(a.body))
	}
	t.Logf("%d guesses, %d evaluated", guesses, evaluated[0]+evaluated[1])
}

// TestFiveHundredSignInsAtOnce is AUT-4: memory stays bounded, whoever can't be
// served is told when to come again, and everybody gets an answer.
func TestFiveHundredSignInsAtOnce(t *testing.T) {
	tn := newTown(t)
	h := tn.Handler()
	visitor := newClient(h)
	form := visitor.form(t, "/login", "/login", "password", "Wrong-Horse-77-Battery")
	const people = 500
	answers := make([]int, people)
	took := make([]time.Duration, people)
	debug.FreeOSMemory()
	before := resident()
	var late, again atomic.Int64
	done := make(chan struct{})
	var most uint64
	go func() {
		defer close(done)
		for range time.Tick(20 * time.Millisecond) { // looks at the memory while it works
			if most = max(most, resident()); late.Load() == people {
				return
			}
		}
	}()
	var all sync.WaitGroup
	for i := range people {
		all.Go(func() {
			defer late.Add(1)
			c := newClient(h, "juli-form", visitor.jar["juli-form"])
			c.addr = fmt.Sprintf("127.2.%d.%d", i/200, i%200)
			start := time.Now()
			a := c.send(t, form.with("login", fmt.Sprintf("person-%d", i)))
			answers[i], took[i] = a.status, time.Since(start)
			if a.status == http.StatusServiceUnavailable || a.status == http.StatusTooManyRequests {
				if again.Add(1); a.header.Get("Retry-After") == "" {
					t.Error("sent away without saying until when")
				}
			}
		})
	}
	all.Wait()
	<-done
	for i, status := range answers {
		if status != http.StatusUnprocessableEntity && status != http.StatusServiceUnavailable && status != http.StatusTooManyRequests {
			t.Errorf("sign-in %d: %d", i, status)
		}
	}
	slices.Sort(took)
	if most > before+512<<20 { // a hash of 46 MiB for each processor, at most four, and what the collector leaves
		t.Errorf("%d MB of memory, %d MB before", most>>20, before>>20)
	}
	if c := tn.enter(t, "city2", h); c.jar["juli"] == "" {
		t.Error("nobody can sign in afterwards")
	}
	t.Logf("%d evaluated, %d asked to come again, p50 %v, p99 %v, %d MB resident", int64(people)-again.Load(), again.Load(), took[people/2], took[people*99/100], most>>20)
}

// resident is the memory that the process holds.
func resident() uint64 {
	f, err := os.Open("/proc/self/status")
	if err != nil {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.Sys
	}
	defer f.Close()
	for s := bufio.NewScanner(f); s.Scan(); {
		if rest, ok := strings.CutPrefix(s.Text(), "VmRSS:"); ok {
			kb, _, _ := strings.Cut(strings.TrimSpace(rest), " ")
			n, _ := strconv.ParseUint(kb, 10, 64)
			return n << 10
		}
	}
	return 0
}

// told is what a page says, but for the typed name and the form's own marks.
func told(page, name string) string {
	for _, f := range forms("/login", page) {
		for _, k := range f.controls {
			if k.name == "_csrf" || k.name == "_once" {
				page = strings.ReplaceAll(page, k.value, "")
			}
		}
	}
	return strings.ReplaceAll(page, name, "")
}
