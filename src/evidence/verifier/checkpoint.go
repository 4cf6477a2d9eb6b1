package main

import (
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// open reads a signed checkpoint (C2SP tlog-checkpoint) by one of the keys of the log that it names.
func open(known note.Verifiers, text []byte) (tlog.Tree, error) {
	opened, err := note.Open(text, known)
	if err != nil {
		return tlog.Tree{}, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) < 4 {
		return tlog.Tree{}, fmt.Errorf("a checkpoint has three lines")
	}
	if lines[0] != opened.Sigs[0].Name {
		return tlog.Tree{}, fmt.Errorf("the checkpoint of %s is signed by %s", lines[0], opened.Sigs[0].Name)
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 0 || strconv.FormatInt(size, 10) != lines[1] {
		return tlog.Tree{}, fmt.Errorf("%q is no size of a tree", lines[1])
	}
	root, err := tlog.ParseHash(lines[2])
	if err != nil {
		return tlog.Tree{}, err
	}
	return tlog.Tree{N: size, Hash: root}, nil
}

// checkExtends checks that the tree begins with all of the older one.
func checkExtends(tree, older tlog.Tree, hashes tlog.HashReader) error {
	if older.N > tree.N {
		return fmt.Errorf("an older checkpoint has %d entries and the log %d", older.N, tree.N)
	}
	if older.N == 0 {
		return nil
	}
	proof, err := tlog.ProveTree(tree.N, older.N, hashes)
	if err != nil {
		return err
	}
	if err := tlog.CheckTree(proof, tree.N, tree.Hash, older.N, older.Hash); err != nil {
		return fmt.Errorf("the log of %d entries does not extend a checkpoint of %d: %v", tree.N, older.N, err)
	}
	return nil
}
