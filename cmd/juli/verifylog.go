package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"juli/internal/day"
	"juli/internal/fault"
	"juli/internal/tlog"
)

// A logCheck is how `juli verify` is asked to check the public log, or a proof
// of one of its entries.
type logCheck struct {
	Entry *int64 `help:"公开日志：只核验这一条（从 0 起）。" placeholder:"N"`
	Since string `help:"公开日志：以前保存的校验点文件，核验从那时起没有被改动。" type:"existingfile" placeholder:"FILE"`
	Key   string `help:"公开日志的公钥；不给时向日志询问并显示出来，请另行核对。" placeholder:"KEY"`
}

// of tells whether what is to be verified is a log or a proof, not a backup.
func (c *logCheck) of(what string) bool {
	return strings.HasPrefix(what, "http://") || strings.HasPrefix(what, "https://") || strings.HasSuffix(what, ".tlog-proof")
}

// logVerdict is what was found.
type logVerdict struct {
	Log        string   `json:"log"`
	Key        string   `json:"key"`
	Size       int64    `json:"size,omitempty"`
	Entries    []string `json:"entries,omitempty"`
	Checkpoint string   `json:"checkpoint,omitempty"`
}

func (c *logCheck) run(ctx context.Context, what string) (logVerdict, error) {
	v := logVerdict{Log: what, Key: c.Key}
	var err error
	if strings.HasSuffix(what, ".tlog-proof") {
		err = c.proof(what, &v)
	} else {
		err = c.log(ctx, strings.TrimSuffix(what, "/"), &v)
	}
	if err == nil {
		return v, nil
	}
	if fault.From(err).Kind != fault.Internal {
		return v, err
	}
	return v, fault.Wrap(err, fault.Conflict, "tlog.broken", "核验不通过：%v", err)
}

// proof checks one proof file without asking anybody.
func (c *logCheck) proof(path string, v *logVerdict) error {
	if c.Key == "" {
		return fault.New(fault.Invalid, "tlog.key", "核验证明文件须用 --key 给出日志的公钥（公开日志页上有）。")
	}
	file, err := readFile(path)
	if err != nil {
		return err
	}
	e, err := tlog.CheckFile(file, c.Key)
	if err == nil {
		v.Entries = []string{said1(e)}
	}
	return err
}

// log checks a log over the network: its signed head, what an earlier head
// promised, and one entry or all of them.
func (c *logCheck) log(ctx context.Context, address string, v *logVerdict) error {
	fetch := fetcher(ctx, address)
	if v.Key == "" {
		key, err := fetch("key")
		if err != nil {
			return err
		}
		v.Key = string(bytes.TrimSpace(key))
	}
	r := &tlog.Reader{Verifier: v.Key, Fetch: fetch}
	tree, text, err := r.Head()
	if err != nil {
		return err
	}
	v.Size, v.Checkpoint = tree.N, text
	if c.Since != "" {
		earlier, err := readFile(c.Since)
		if err != nil {
			return err
		}
		if err := r.Consistent(tree, string(earlier)); err != nil {
			return err
		}
	}
	if c.Entry != nil {
		e, err := r.Entry(tree, *c.Entry)
		if err == nil {
			v.Entries = []string{said1(e)}
		}
		return err
	}
	return r.All(tree, func(e tlog.Entry) error {
		v.Entries = append(v.Entries, said1(e))
		return nil
	})
}

const (
	answerMax  = 32 << 20 // bytes; a bundle of 256 entries is at most 16 MiB
	answerWait = 30 * time.Second
)

// fetcher gets paths below a log's address.
func fetcher(ctx context.Context, address string) func(path string) ([]byte, error) {
	client := &http.Client{Timeout: answerWait}
	return func(path string) ([]byte, error) {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, address+"/"+path, http.NoBody)
		if err != nil {
			return nil, err
		}
		res, err := client.Do(req)
		if err != nil {
			return nil, fault.Wrap(err, fault.Unavailable, "tlog.unreachable", "连不上公开日志：%v", err)
		}
		defer res.Body.Close()
		b, err := io.ReadAll(io.LimitReader(res.Body, answerMax+1))
		switch {
		case err != nil:
			return nil, err
		case res.StatusCode != http.StatusOK:
			return nil, fault.New(fault.Unavailable, "tlog.unreachable", "公开日志没有给出 %s：%s。", path, res.Status)
		case len(b) > answerMax:
			return nil, errors.New(path + " is too large")
		}
		return b, nil
	}
}

// said1 is an entry in one line.
func said1(e tlog.Entry) string {
	return fmt.Sprintf("%d  %s  %s  %s", e.Number, e.At.In(day.Shanghai).Format(time.DateOnly), e.Title, e.Text)
}

func (v logVerdict) print(w io.Writer) {
	for _, e := range v.Entries {
		fmt.Fprintln(w, e)
	}
	if v.Size > 0 {
		fmt.Fprintf(w, "核验通过：公开日志共 %d 条，与签名校验点一致。\n", v.Size)
	} else {
		fmt.Fprintln(w, "核验通过：这一条确在公开日志中。")
	}
	fmt.Fprintf(w, "公钥 %s\n", v.Key)
}
