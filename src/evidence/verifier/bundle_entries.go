package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

// An entry is a line of the log, as far as calls and exceptions are told by it.
type entry struct {
	Seq              int64
	Time             moment
	Type             string
	CallID           string `json:"call_id"`
	RequestID        string `json:"request_id"`
	ApprovalID       string `json:"approval_id"`
	Agent            string
	Owner            string
	Server           string
	Tool             string
	DefinitionSha256 string `json:"definition_sha256"`
	ActionDigest     string `json:"action_digest"`
	ArgsCommit       string `json:"args_commit"`
	ResultCommit     string `json:"result_commit"`
	Outcome          string
	Resolution       string
	Decision         string
	Reviewer         string
	Person           string
	By               string
	Verification     string
	Reason           *string
	Detail           *string
	Solo             bool
	Late             bool
	Previous         string
	Policy           struct{ Rule, Version string }
	PeopleVersion    string `json:"version"`
}

// A moment is a time, and the text that it was read from.
type moment struct {
	time.Time
	text string
}

func (m *moment) UnmarshalJSON(text []byte) error {
	if err := m.Time.UnmarshalJSON(text); err != nil {
		return err
	}
	return json.Unmarshal(text, &m.text)
}

// told is what the entries of the bundle say.
type told struct {
	// Of the period, in order.
	entries []entry
	// Versions that came into force in the period, by sequence number.
	policies map[int64]string
	// Whether a policy, or people, stood before the period. Where the bundle begins with the log that is known.
	policyBefore, peopleBefore bool
	// The last line, where none that follows the period is shown.
	last *entry
}

// checkEntries checks that the lines lead from the tree under the first checkpoint to that under the second, that they
// are numbered without a gap, and where the period lies.
func (b *bundle) checkEntries() (*told, error) {
	start, err := b.edge("checkpoints/start.note", b.Log.Start)
	if err != nil {
		return nil, err
	}
	end, err := b.edge("checkpoints/end.note", b.Log.End)
	if err != nil {
		return nil, err
	}
	tree, err := b.frontier(start)
	if err != nil {
		return nil, err
	}
	// Without a line from before the period, what was cut off at its beginning would not be missed.
	if start.N > 0 && b.Log.FromSeq <= start.N {
		return nil, fmt.Errorf("no line from before the period is shown, so that it may have begun before entry %d", b.Log.FromSeq)
	}
	all := &told{policies: map[int64]string{}}
	begun, ended := false, false
	err = b.lines("log/entries.jsonl", func(line []byte) error {
		seq := tree.size
		if err := checkSeq(seq, line); err != nil {
			return err
		}
		tree.add(tlog.RecordHash(line))
		var one entry
		if err := unambiguous(line); err != nil {
			return err
		}
		if err := decode(line, &one); err != nil {
			return err
		}
		all.last = &one
		begun = begun || !one.Time.Before(b.Period.From)
		ended = ended || begun && !one.Time.Before(b.Period.To)
		if begun != (seq >= b.Log.FromSeq) {
			return fmt.Errorf("the period does not begin with entry %d", b.Log.FromSeq)
		}
		if ended != (seq >= b.Log.ToSeq) && begun {
			return fmt.Errorf("the period does not end before entry %d", b.Log.ToSeq)
		}
		if one.Type == "policy.loaded" && !begun {
			all.policyBefore = true
		}
		if one.Type == "people.changed" && !begun {
			all.peopleBefore = true
		}
		if !begun || ended {
			return nil
		}
		all.entries = append(all.entries, one)
		if one.Type == "policy.loaded" {
			all.policies[seq] = one.Policy.Version
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if root := tree.root(); tree.size != end.N || root != end.Hash {
		return nil, fmt.Errorf("the %d lines lead to the root %v of %d entries, and the checkpoint has %v of %d",
			tree.size-start.N, root, tree.size, end.Hash, end.N)
	}
	if !begun && b.Log.FromSeq != end.N || !ended && b.Log.ToSeq != end.N || b.Log.FromSeq > b.Log.ToSeq {
		return nil, fmt.Errorf("the period is not from entry %d to before %d", b.Log.FromSeq, b.Log.ToSeq)
	}
	if ended {
		all.last = nil
	}
	if tree.size-start.N != b.Counts.Lines || int64(len(all.entries)) != b.Counts.Entries {
		return nil, fmt.Errorf("the manifest counts %d lines and %d entries, and there are %d and %d",
			b.Counts.Lines, b.Counts.Entries, tree.size-start.N, len(all.entries))
	}
	return all, b.checkConsistency(start, end)
}

// edge opens the checkpoint at one end. A log of no entries has none.
func (b *bundle) edge(name string, want edge) (tlog.Tree, error) {
	if want.Size == 0 {
		return tlog.Tree{}, nil
	}
	text, err := b.read(name)
	if err != nil {
		return tlog.Tree{}, err
	}
	tree, err := open(b.known, text)
	if err != nil {
		return tlog.Tree{}, fmt.Errorf("%s: %v", name, err)
	}
	if !strings.HasPrefix(string(text), b.Log.Origin+"\n") {
		return tlog.Tree{}, fmt.Errorf("%s is of another log", name)
	}
	if tree.N != want.Size || tree.Hash.String() != want.Root {
		return tlog.Tree{}, fmt.Errorf("%s is not the checkpoint that the manifest names", name)
	}
	return tree, nil
}

func (b *bundle) hashes(name string) ([]tlog.Hash, error) {
	text, err := b.read(name)
	if err != nil {
		return nil, err
	}
	var all []tlog.Hash
	for _, line := range strings.Split(strings.TrimSuffix(string(text), "\n"), "\n") {
		if line == "" {
			continue
		}
		hash, err := tlog.ParseHash(line)
		if err != nil {
			return nil, fmt.Errorf("%s: %v", name, err)
		}
		all = append(all, hash)
	}
	return all, nil
}

// frontier is the tree under the first checkpoint, by its right edge.
func (b *bundle) frontier(start tlog.Tree) (*growing, error) {
	peaks, err := b.hashes("checkpoints/frontier.txt")
	if err != nil {
		return nil, err
	}
	tree, err := newGrowing(start.N, peaks)
	if err != nil {
		return nil, fmt.Errorf("checkpoints/frontier.txt: %v", err)
	}
	if start.N > 0 && tree.root() != start.Hash {
		return nil, fmt.Errorf("checkpoints/frontier.txt does not lead to the root of checkpoints/start.note")
	}
	return tree, nil
}

func (b *bundle) checkConsistency(start, end tlog.Tree) error {
	proof, err := b.hashes("checkpoints/consistency.txt")
	if err != nil {
		return err
	}
	if start.N == 0 {
		if len(proof) > 0 {
			return fmt.Errorf("checkpoints/consistency.txt proves nothing")
		}
		return nil
	}
	if err := tlog.CheckTree(tlog.TreeProof(proof), end.N, end.Hash, start.N, start.Hash); err != nil {
		return fmt.Errorf("checkpoints/consistency.txt: %v", err)
	}
	return nil
}
