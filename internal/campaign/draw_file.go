package campaign

import (
	"bytes"
	"encoding/json"

	"juli/internal/fault"
)

// A DrawFile is what the public page offers: everything that is needed to draw again.
type DrawFile struct {
	Format string  `json:"format"`
	Pool   string  `json:"pool"` // its exact text
	Digest string  `json:"pool_sha256"`
	Seed   string  `json:"seed"`
	Result []Drawn `json:"result"`
}

// ResultText is a draw's result as its digest is taken.
func ResultText(drawn []Drawn) []byte {
	text, err := json.Marshal(drawn)
	if err != nil {
		panic(err) // texts
	}
	return text
}

// VerifyDraw draws again from a file and tells whether the same came out.
func VerifyDraw(text []byte) (DrawFile, error) {
	var f DrawFile
	broken := func(why string) (DrawFile, error) {
		return f, fault.New(fault.Conflict, "campaign.draw-broken", "核验不通过：%s。", why)
	}
	if err := json.Unmarshal(text, &f); err != nil || f.Format != DrawFormat {
		return broken("这不是 " + DrawFormat + " 格式的抽取文件")
	}
	if f.Digest != DigestOf([]byte(f.Pool)) {
		return broken("抽取名单与封存时公布的摘要不符")
	}
	p, err := ReadPool([]byte(f.Pool))
	if err != nil {
		return f, err
	}
	if p.SeedDigits > 0 && !CheckSeed(f.Seed, p.SeedDigits) {
		return broken("种子不是约定的数字（" + p.SeedRule + "）的样子")
	}
	again, err := Draw([]byte(f.Pool), f.Seed)
	if err != nil {
		return f, err
	}
	if !bytes.Equal(ResultText(again), ResultText(f.Result)) {
		return broken("按名单和种子重新抽取，结果与公布的不同")
	}
	return f, nil
}
