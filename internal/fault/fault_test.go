package fault_test

import (
	"errors"
	"fmt"
	"testing"

	"juli/internal/fault"
)

func TestFromHidesForeignErrors(t *testing.T) {
	refusal := fault.New(fault.Invalid, "credit.future-date", "事实不能发生在将来。")
	for _, tt := range []struct {
		name string
		err  error
		kind fault.Kind
		rule string
	}{
		{"a fault is itself", refusal, fault.Invalid, "credit.future-date"},
		{"a wrapped fault is found", fmt.Errorf("close case: %w", refusal), fault.Invalid, "credit.future-date"},
		{"anything else is internal", errors.New("pq: secret"), fault.Internal, "internal"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := fault.From(tt.err)
			if got.Kind != tt.kind || got.Rule != tt.rule {
				t.Errorf("From = %v %s, want %v %s", got.Kind, got.Rule, tt.kind, tt.rule)
			}
			if got.Text == "pq: secret" {
				t.Error("the cause leaked into the text")
			}
		})
	}
	if fault.From(nil) != nil {
		t.Error("From(nil) is not nil")
	}
}

func TestFieldsAreCollected(t *testing.T) {
	f := fault.New(fault.Invalid, "form", "请检查填写的内容。")
	if f.OrNil() != nil {
		t.Error("a form without refused fields is refused")
	}
	f.With("name", "请填写名称。").With("name", "第二句").With("area", "面积应大于 0。")
	if err := f.OrNil(); err == nil || !fault.Is(err, "form") {
		t.Errorf("OrNil = %v, want the fault", err)
	}
	if got := f.Fields["name"]; got != "请填写名称。" {
		t.Errorf("name says %q, want the first sentence", got)
	}
}
