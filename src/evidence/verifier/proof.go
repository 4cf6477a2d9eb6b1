package main

import (
	"encoding/base64"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// A proven entry stands in a tree that the log has signed.
type proven struct {
	index int64
	entry []byte
	tree  tlog.Tree
}

// checkProof checks that an entry stands in a log (C2SP tlog-proof). The entry itself is what the proof calls extra.
func checkProof(known note.Verifiers, path string) (string, error) {
	found, err := readProof(known, path)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("entry %d stands among %d", found.index, found.tree.N), nil
}

func readProof(known note.Verifiers, path string) (proven, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return proven{}, err
	}
	head, signed, found := strings.Cut(string(text), "\n\n")
	lines := strings.Split(head, "\n")
	if !found || len(lines) < 3 || lines[0] != "c2sp.org/tlog-proof@v1" {
		return proven{}, fmt.Errorf("this is no proof")
	}
	entry, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(lines[1], "extra "))
	if err != nil || !strings.HasPrefix(lines[1], "extra ") {
		return proven{}, fmt.Errorf("the proof does not hold its entry")
	}
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[2], "index "), 10, 64)
	if err != nil || !strings.HasPrefix(lines[2], "index ") {
		return proven{}, fmt.Errorf("the proof names no entry")
	}
	var hashes tlog.RecordProof
	for _, line := range lines[3:] {
		hash, err := tlog.ParseHash(line)
		if err != nil {
			return proven{}, err
		}
		hashes = append(hashes, hash)
	}
	tree, err := open(known, []byte(signed))
	if err != nil {
		return proven{}, fmt.Errorf("the checkpoint: %v", err)
	}
	if err := tlog.CheckRecord(hashes, tree.N, tree.Hash, index, tlog.RecordHash(entry)); err != nil {
		return proven{}, err
	}
	return proven{index, entry, tree}, checkSeq(index, entry)
}
