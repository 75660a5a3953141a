package rulebook

import (
	"juli/internal/fault"
)

// A Kind is one sort of rulebook. The feature that owns it hands it in.
type Kind struct {
	Name  string            // "credit"
	Title string            // "信用评价"
	Words map[string]string // key → Chinese word, for comparing versions

	// Check reads the rest of the document and must end with Finish.
	Check func(*Document) error
	// Test runs the examples that the file carries; nil if the kind has none.
	Test func(*Document) ([]ExampleResult, error)
}

// Kinds are the kinds that the program knows, by name.
type Kinds map[string]Kind

// KindsOf collects kinds by their names.
func KindsOf(list ...Kind) Kinds {
	kinds := Kinds{}
	for _, k := range list {
		kinds[k.Name] = k
	}
	return kinds
}

// An ExampleResult is one worked example of a rulebook after its run.
type ExampleResult struct {
	ID, Title     string
	Line          int
	Mark          Mark
	Constructed   bool // made up for the test, not from a published text
	OK            bool
	Expected, Got string
	Trace         []string // the score line by line
}

// Check reads text as a rulebook of one of the kinds and reports every problem.
func (ks Kinds) Check(text []byte) (*Document, error) {
	doc, kind, err := ks.read(text)
	if err != nil {
		return nil, err
	}
	if err := kind.Check(doc); err != nil {
		return nil, err
	}
	return doc, nil
}

// Test checks text and runs the examples it carries.
func (ks Kinds) Test(text []byte) ([]ExampleResult, error) {
	doc, kind, err := ks.read(text)
	if err != nil {
		return nil, err
	}
	if kind.Test == nil {
		return nil, kind.Check(doc)
	}
	return kind.Test(doc)
}

func (ks Kinds) read(text []byte) (*Document, Kind, error) {
	doc, err := Read(text)
	if err != nil {
		return nil, Kind{}, err
	}
	kind, known := ks[doc.Kind]
	if !known {
		return nil, Kind{}, fault.New(fault.Invalid, "rulebook.kind", "第 %d 行：没有“%s”这种规则。", doc.root.Get("kind").Line(), doc.Kind)
	}
	return doc, kind, nil
}
