package web

import (
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"time"
)

// A body may start slowly, but must then keep a pace; the longest one ends after
// ten minutes (INP-1: slow senders hold no connection).
const (
	bodyGrace   = 10 * time.Second
	bodyPace    = 8 << 10 // bytes a second
	bodyLongest = 10 * time.Minute
	drainMax    = 64 << 20
)

// paced moves the connection's deadline with every piece that came.
type paced struct {
	io.ReadCloser
	conn  *http.ResponseController
	begun time.Time
	n     int64
	ended bool
}

func pace(w http.ResponseWriter, body io.ReadCloser) *paced {
	p := &paced{ReadCloser: body, conn: http.NewResponseController(w), begun: time.Now()}
	p.move()
	return p
}

func (p *paced) move() {
	allowed := min(bodyGrace+time.Duration(p.n/bodyPace)*time.Second, bodyLongest)
	p.set(p.begun.Add(allowed))
}

// set is without effect on a test's recorder, which has no connection.
func (p *paced) set(at time.Time) {
	if err := p.conn.SetReadDeadline(at); err != nil && !errors.Is(err, http.ErrNotSupported) {
		p.ended = true
	}
}

// Read reads on; at the end the deadline is lifted, so that it does not end what
// is then done with the body.
func (p *paced) Read(b []byte) (int, error) {
	n, err := p.ReadCloser.Read(b)
	p.n += int64(n)
	switch {
	case errors.Is(err, io.EOF):
		if !p.ended {
			p.set(time.Time{})
		}
		p.ended = true
	case err != nil:
		p.ended = true
	default:
		p.move()
	}
	return n, err
}

// drain reads off what a refused body still sends, up to a limit: a connection
// that is closed while its sender still writes loses the answer on its way.
func (st *state) drain() {
	p := st.rest
	if p == nil || p.ended || p.n == 0 && strings.EqualFold(st.req.Header.Get("Expect"), "100-continue") {
		return
	}
	_, _ = io.CopyN(io.Discard, p, drainMax)
}

// slow says whether a body came too slowly.
func slow(err error) bool { return errors.Is(err, os.ErrDeadlineExceeded) }
