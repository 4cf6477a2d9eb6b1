package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/mod/sumdb/note"
)

// A manifest is manifest.json of an auditor's bundle, as far as it is checked.
type manifest struct {
	Kind   string
	V      int
	Period struct{ From, To time.Time }
	Log    struct {
		Origin     string
		Start, End edge
		FromSeq    int64  `json:"from_seq"`
		ToSeq      int64  `json:"to_seq"`
		SignedBy   string `json:"signed_by"`
	}
	Counts struct {
		Lines, Entries, Calls, Carried, Open int64
		ByVerdict                            map[string]int64 `json:"by_verdict"`
		ByOutcome                            map[string]int64 `json:"by_outcome"`
		Exceptions                           map[string]int64
	}
	Query  struct{ Sample int }
	Sample struct {
		Seed      string
		ByDefault bool `json:"by_default"`
		Calls     []struct {
			CallID string `json:"call_id"`
			Folder string
		}
	}
	Policies []struct {
		Version, Texts string
		Seq            int64
		Files          []struct{ Name, Path string }
	}
	Files []listedFile
}

type edge struct {
	Size int64
	Root string
}

type listedFile struct {
	Path   string
	Bytes  int64
	Sha256 string
}

// A bundle is a folder that is being checked.
type bundle struct {
	dir string
	manifest
	// Keys that the checkpoints of the log can be signed by.
	known note.Verifiers
}

func (b *bundle) path(name string) string { return filepath.Join(b.dir, filepath.FromSlash(name)) }

func (b *bundle) read(name string) ([]byte, error) { return os.ReadFile(b.path(name)) }

// checkBundle checks all of an auditor's bundle with nothing but the bundle and keys of its log.
func checkBundle(known note.Verifiers, dir string) (string, error) {
	b := &bundle{dir: dir, known: known}
	if err := b.open(); err != nil {
		return "", err
	}
	if err := b.checkFiles(); err != nil {
		return "", err
	}
	told, err := b.checkEntries()
	if err != nil {
		return "", err
	}
	if err := b.checkRules(told); err != nil {
		return "", err
	}
	rows, err := b.checkPopulation(told)
	if err != nil {
		return "", err
	}
	found, err := b.checkExceptions(told, rows)
	if err != nil {
		return "", err
	}
	if err := b.checkSample(rows); err != nil {
		return "", err
	}
	said := fmt.Sprintf("%d entries from %d on, among %d that are signed; %d calls, %d of them proven; %d exceptions; %d files",
		b.Counts.Entries, b.Log.FromSeq, b.Log.End.Size, len(rows), len(b.Sample.Calls), found, len(b.Files))
	if told.last != nil {
		said += fmt.Sprintf("; shown only up to entry %d at %s; nothing in the bundle shows that the log ended there",
			told.last.Seq, told.last.Time.text)
	}
	return said, nil
}

// lines calls each with every line of a file of JSON Lines.
func (b *bundle) lines(name string, each func(line []byte) error) error {
	text, err := b.read(name)
	if err != nil {
		return err
	}
	for number := 1; len(text) > 0; number++ {
		end := bytes.IndexByte(text, '\n')
		if end < 0 {
			return fmt.Errorf("%s ends within a line", name)
		}
		if err := each(text[:end]); err != nil {
			return fmt.Errorf("%s:%d: %v", name, number, err)
		}
		text = text[end+1:]
	}
	return nil
}

func decode(text []byte, into interface{}) error {
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("this is not what is expected: %v", err)
	}
	return nil
}
