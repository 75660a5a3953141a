package identity

import (
	"strings"
	"sync"
	"testing"
	"time"
)

func TestCheckPassword(t *testing.T) {
	for _, tt := range []struct {
		name     string
		profile  Profile
		password string
		context  []string
		ok       bool
	}{
		{"staff, good", Dengbao, "Correct-Horse-77", nil, true},
		{"staff, eleven characters", Dengbao, "Xk7-mQ2-rT9", nil, false},
		{"staff, twelve", Dengbao, "Xk7-mQ2-rT9v", nil, true},
		{"staff, two kinds only", Dengbao, "xk7mq2rt9vbn", nil, false},
		{"staff, Chinese counts as a kind", Dengbao, "松花江xk7mq2rt9v", nil, true},
		{"resident, seven", Modern, "xkmqrtv", nil, false},
		{"resident, eight of one kind", Modern, "xkmqrtvb", nil, true},
		{"64 characters and more", Modern, strings.Repeat("xkmqrtvb", 20), nil, true},
		{"endless", Modern, strings.Repeat("xkmqrtvb", 40), nil, false},
		{"common", Modern, "password", nil, false},
		{"common with digits", Modern, "password2026", nil, false},
		{"common in disguise", Modern, "P@ssw0rd!!", nil, false},
		{"two common words", Modern, "harbinWuye2026", nil, false},
		{"pinyin love", Modern, "woaini1314520", nil, false},
		{"a row of keys", Modern, "qwertyuiop", nil, false},
		{"keys and digits", Dengbao, "Qwerty123456!", nil, false},
		{"digits up and down", Modern, "1234567890987654321", nil, false},
		{"repeats", Modern, "aaaaaaaabbbbbbbb", nil, false},
		{"a birthday", Modern, "19900101", nil, false},
		{"the login name", Modern, "xkmq-daoli.wang-rt", []string{"daoli.wang"}, false},
		{"the phone's end", Modern, "xkmqrt345678v", []string{"13812345678"}, false},
		{"a short word of the context", Modern, "xkmqrtvb", []string{"xk"}, true},
	} {
		if err := CheckPassword(tt.profile, tt.password, tt.context...); (err == nil) != tt.ok {
			t.Errorf("%s: %v, want good %v", tt.name, err, tt.ok)
		}
	}
}

func TestTheTopPasswordsOfTheWorldAreRefused(t *testing.T) {
	for p := range strings.FieldsSeq(`123456 123456789 qwerty password 12345678 111111 123123 1234567890 1234567 qwerty123 000000
		1q2w3e4r abc123 password1 iloveyou 1qaz2wsx dragon monkey letmein sunshine princess football welcome admin123 admin@123
		qwertyuiop superman starwars trustno1 master baseball michael shadow jordan harley hunter2 passw0rd zaq12wsx a123456
		a123456789 woaini1314 5201314 q123456 123321 woaini aa123456 qq123456 asd123456 zxcvbnm asdfghjkl 147258369 88888888
		11111111 abcd1234 1234qwer Admin@2024 Aa123456! P@ssw0rd Password@123 Qwer1234 Abc@1234 huawei@123 Harbin@2026`) {
		if !commonPassword(p) {
			t.Errorf("%s passes", p)
		}
	}
}

func TestHashesAreBoundedAndCompare(t *testing.T) {
	phc, err := hashPassword(t.Context(), "Correct-Horse-77")
	if err != nil || !strings.HasPrefix(phc, "$argon2id$v=19$m=47104,t=1,p=1$") {
		t.Fatalf("%s, %v", phc, err)
	}
	for _, tt := range []struct {
		password, phc string
		want          bool
	}{
		{"Correct-Horse-77", phc, true},
		{"Correct-Horse-78", phc, false},
		{"Correct-Horse-77", "", false},
		{"Correct-Horse-77", "$argon2id$v=19$m=99999999,t=1,p=1$AAAA$AAAA", false},
		{strings.Repeat("x", 5000), phc, false},
	} {
		got, err := checkPassword(t.Context(), tt.password, tt.phc)
		if err != nil || got != tt.want {
			t.Errorf("%.20s against %.40s: %v, %v", tt.password, tt.phc, got, err)
		}
	}
}

func TestTooManyHashesAtOnceAreSentAway(t *testing.T) {
	release := make(chan struct{})
	var wg sync.WaitGroup
	var started sync.WaitGroup
	for range cap(hashSlots) {
		started.Add(1)
		wg.Go(func() {
			if err := withSlot(t.Context(), func() { started.Done(); <-release }); err != nil {
				t.Error(err)
			}
		})
	}
	started.Wait()
	began := time.Now()
	err := withSlot(t.Context(), func() { t.Error("ran beyond the limit") })
	if err == nil || time.Since(began) < hashWait {
		t.Errorf("%v after %v", err, time.Since(began))
	}
	close(release)
	wg.Wait()
}

func FuzzReadCode(f *testing.F) {
	f.Add("abcde-fghij klmno\npqrst")
	f.Fuzz(func(t *testing.T, s string) {
		if got := readCode(s); readCode(got) != got || strings.Trim(got, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") != "" {
			t.Errorf("%q became %q", s, got)
		}
	})
}

func FuzzCheckPassword(f *testing.F) {
	f.Add("P@ssw0rd", "x")
	f.Fuzz(func(t *testing.T, password, context string) {
		if CheckPassword(Dengbao, password, context) == nil && CheckPassword(Modern, password, context) != nil {
			t.Errorf("%q passes the stricter profile alone", password)
		}
	})
}

func TestANewCodeIsReadBack(t *testing.T) {
	shown, hash := newCode()
	if string(hashOf(readCode(strings.ToLower(shown)))) != string(hash) || len(shown) != codeChars+3 {
		t.Errorf("%s is not read back", shown)
	}
}
