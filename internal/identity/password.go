package identity

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	_ "embed" // the block list
	"encoding/base64"
	"fmt"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"juli/internal/fault"
)

// argon2id as ASVS 5.0 appendix C asks: t=1, m=46 MiB, p=1.
const (
	hashTime   = 1
	hashMemory = 46 * 1024 // KiB
	hashLanes  = 1
	hashBytes  = 32
	hashesMax  = 4 // at once, and no more than processors: 184 MiB at most (AUT-4)
	hashWait   = 4 * time.Second
	passwdMost = 256 // characters
)

// hashSlots keeps a rush of sign-ins from eating the machine's memory: whoever
// waits too long is asked to come again.
var hashSlots = make(chan struct{}, min(hashesMax, runtime.GOMAXPROCS(0)))

// hashed counts the hashes computed since the program started.
var hashed atomic.Int64

// Hashed is how many password hashes the program has computed: the work that
// sign-ins cost.
func Hashed() int64 { return hashed.Load() }

func withSlot(ctx context.Context, fn func()) error {
	wait := time.NewTimer(hashWait)
	defer wait.Stop()
	select {
	case hashSlots <- struct{}{}:
		defer func() { <-hashSlots }()
		hashed.Add(1)
		fn()
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-wait.C:
		return fault.New(fault.Unavailable, "identity.busy", "登录的人较多，请稍后再试。")
	}
}

// hashPassword is the PHC string of a password.
func hashPassword(ctx context.Context, password string) (phc string, err error) {
	var salt [16]byte
	rand.Read(salt[:])
	err = withSlot(ctx, func() {
		key := argon2.IDKey([]byte(norm.NFC.String(password)), salt[:], hashTime, hashMemory, hashLanes, hashBytes)
		phc = fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, hashMemory, hashTime, hashLanes,
			base64.RawStdEncoding.EncodeToString(salt[:]), base64.RawStdEncoding.EncodeToString(key))
	})
	return phc, err
}

// checkPassword compares in constant time. Without a hash it does the same work
// against a dummy, so that nobody learns which accounts exist (AUT-3).
func checkPassword(ctx context.Context, password, phc string) (bool, error) {
	var version, memory, passes, lanes uint32
	var salt, want []byte
	parts := strings.Split(phc, "$")
	known := len(parts) == 6 && parts[1] == "argon2id"
	if known {
		_, errV := fmt.Sscanf(parts[2], "v=%d", &version)
		_, errP := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &memory, &passes, &lanes)
		var errS, errK error
		salt, errS = base64.RawStdEncoding.DecodeString(parts[4])
		want, errK = base64.RawStdEncoding.DecodeString(parts[5])
		known = errV == nil && errP == nil && errS == nil && errK == nil && len(want) == hashBytes && lanes == 1 &&
			passes >= 1 && passes <= 10 && memory <= 256*1024
	}
	if !known {
		memory, passes, lanes, salt, want = hashMemory, hashTime, hashLanes, make([]byte, 16), make([]byte, hashBytes)
	}
	var got []byte
	if len([]rune(password)) > passwdMost {
		password = ""
	}
	err := withSlot(ctx, func() {
		got = argon2.IDKey([]byte(norm.NFC.String(password)), salt, passes, memory, uint8(lanes), hashBytes)
	})
	return known && subtle.ConstantTimeCompare(got, want) == 1, err
}

// CheckPassword refuses a password that breaks the profile or is easily guessed.
// context are words that outsiders know: the login name, names, codes.
func CheckPassword(p Profile, password string, context ...string) error {
	bad := func(format string, args ...any) error {
		text := fmt.Sprintf(format, args...)
		return fault.New(fault.Invalid, "identity.password", "%s", text).With("password", text)
	}
	runes := []rune(norm.NFC.String(password))
	switch {
	case len(runes) < p.Least:
		return bad("密码至少%d个字符。", p.Least)
	case len(runes) > passwdMost:
		return bad("密码不超过%d个字符。", passwdMost)
	}
	if n := classes(runes); n < p.Classes {
		return bad("密码应包含大写字母、小写字母、数字、符号中的至少%d种。", p.Classes)
	}
	if commonPassword(password) {
		return bad("这个密码太常见，容易被猜到，请换一个。")
	}
	folded := foldPassword(password)
	for _, word := range context {
		w := foldPassword(word)
		if len([]rune(w)) >= 3 && strings.Contains(folded, w) {
			return bad("密码不能包含账号、姓名、单位名称或代码。")
		}
		if n := len(word); n >= 11 && strings.Contains(password, word[n-6:]) { // the end of a phone or ID number
			return bad("密码不能包含电话或证件号码。")
		}
	}
	return nil
}

func classes(password []rune) int {
	var lower, upper, digit, other int
	for _, r := range password {
		switch {
		case unicode.IsLower(r):
			lower = 1
		case unicode.IsUpper(r):
			upper = 1
		case unicode.IsDigit(r):
			digit = 1
		default:
			other = 1
		}
	}
	return lower + upper + digit + other
}

//go:embed blocked.txt
var blockedText string

// blocked holds the words that common passwords are made of. A list of ten
// thousand passwords is mostly a few hundred words with digits, signs and
// look-alike letters around them, so the words are kept and the rest is undone.
var blocked = sync.OnceValue(func() map[string]bool {
	m := map[string]bool{}
	for line := range strings.Lines(blockedText) {
		if word := strings.TrimSpace(line); word != "" && word[0] != '#' {
			m[word], m[foldPassword(word)] = true, true
		}
	}
	return m
})

var dates = regexp.MustCompile(`(19|20)\d\d(0[1-9]|1[0-2])([0-2]\d|3[01])|\d\d(0[1-9]|1[0-2])([0-2]\d|3[01])(19|20)?|1[3-9]\d{9}`)

// commonPassword says whether the password is nothing but common words, runs of
// the keyboard, repeats, dates and telephone numbers: at least four other
// characters must remain, whether look-alike signs are read as letters or not.
func commonPassword(password string) bool {
	plain := strings.ToLower(norm.NFKC.String(password))
	return uncommon(dates.ReplaceAllString(plain, " ")) < 4 || uncommon(foldPassword(password)) < 4
}

// uncommon counts the letters and digits that belong to nothing common.
func uncommon(password string) (left int) {
	words := blocked()
	for rest := []rune(password); len(rest) > 0; {
		n := max(longestWord(words, rest), 1)
		if run := runOf(rest); n == 1 && run >= 3 {
			n = run
		}
		if n == 1 && (unicode.IsLetter(rest[0]) || unicode.IsDigit(rest[0])) {
			left++
		}
		rest = rest[n:]
	}
	return left
}

const wordMost = 20

func longestWord(words map[string]bool, in []rune) int {
	for n := min(wordMost, len(in)); n >= 3; n-- {
		if words[string(in[:n])] {
			return n
		}
	}
	return 0
}

// runOf is the length of the run at the start: aaaa, 1234, dcba or a row of keys.
func runOf(in []rune) int {
	best := 1
	for _, step := range []rune{0, 1, -1} {
		n := 1
		for n < len(in) && in[n]-in[n-1] == step {
			n++
		}
		best = max(best, n)
	}
	for _, row := range []string{"qwertyuiop", "asdfghjkl", "zxcvbnm", "poiuytrewq", "lkjhgfdsa", "mnbvcxz", "1qaz2wsx3edc4rfv5tgb6yhn7ujm", "147258369", "1q2w3e4r5t6y7u8i9o0p", "q1w2e3r4t5y6"} {
		n := min(len(in), len(row))
		for n >= 3 && !strings.Contains(row, string(in[:n])) {
			n--
		}
		if n >= 3 {
			best = max(best, n)
		}
	}
	return best
}

var unleet = strings.NewReplacer("@", "a", "4", "a", "3", "e", "1", "l", "!", "l", "0", "o", "$", "s", "5", "s", "7", "t", "+", "t")

// foldPassword undoes case and width; look-alike signs inside words become letters,
// but digits beside digits stay what they are.
func foldPassword(s string) string {
	s = strings.ToLower(norm.NFKC.String(s))
	r := []rune(s)
	var b strings.Builder
	for i, c := range r {
		alone := (i == 0 || !unicode.IsDigit(r[i-1])) && (i+1 == len(r) || !unicode.IsDigit(r[i+1]))
		nextToLetter := i > 0 && unicode.IsLetter(r[i-1]) || i+1 < len(r) && unicode.IsLetter(r[i+1])
		if alone && nextToLetter && i+1 < len(r) {
			b.WriteString(unleet.Replace(string(c)))
			continue
		}
		b.WriteRune(c)
	}
	return b.String()
}
