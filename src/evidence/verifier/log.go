package main

import (
	"encoding/json"
	"fmt"
	"os"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// checkLog checks a whole log: its checkpoint, every entry against its tiles, the root anew from the entries alone, a
// proof of inclusion for each entry, and that it extends every older checkpoint.
func checkLog(known note.Verifiers, from source, older []string) (string, error) {
	signed, err := from.read("checkpoint")
	if err != nil {
		return "", err
	}
	tree, err := open(known, signed)
	if err != nil {
		return "", fmt.Errorf("the checkpoint: %v", err)
	}
	hashes := tlog.TileHashReader(tree, &tiles{from: from, kept: map[tlog.Tile][]byte{}})

	var anew stored
	shown, err := from.entries(tree, func(index int64, entry []byte) error {
		if err := checkSeq(index, entry); err != nil {
			return err
		}
		if index >= tree.N {
			return nil
		}
		hash := tlog.RecordHash(entry)
		if err := anew.add(index, hash); err != nil {
			return err
		}
		return checkEntry(tree, index, hash, hashes)
	})
	if err != nil {
		return "", err
	}
	if shown < 0 {
		if err := checkHashes(tree, hashes); err != nil {
			return "", err
		}
	} else {
		if shown < tree.N {
			return "", fmt.Errorf("the checkpoint has %d entries and the log %d", tree.N, shown)
		}
		root, err := tlog.TreeHash(tree.N, anew)
		if err != nil {
			return "", err
		}
		if root != tree.Hash {
			return "", fmt.Errorf("the entries have the root %v and the checkpoint %v", root, tree.Hash)
		}
	}

	kept, err := from.history()
	if err != nil {
		return "", err
	}
	for _, path := range older {
		text, err := os.ReadFile(path)
		if err != nil {
			return "", err
		}
		kept = append(kept, text)
	}
	for i, text := range kept {
		earlier, err := open(known, text)
		if err != nil {
			return "", fmt.Errorf("older checkpoint %d: %v", i+1, err)
		}
		if err := checkExtends(tree, earlier, hashes); err != nil {
			return "", err
		}
	}
	what := fmt.Sprintf("%d entries", tree.N)
	if shown < 0 {
		what = fmt.Sprintf("hashes of %d entries", tree.N)
	} else if shown > tree.N {
		what += fmt.Sprintf(" and %d that no checkpoint covers yet", shown-tree.N)
	}
	return fmt.Sprintf("%s, root %v, %d older checkpoints", what, tree.Hash, len(kept)), nil
}

// checkEntry checks the hash of an entry against its tile, and the proof that the tiles give of it.
func checkEntry(tree tlog.Tree, index int64, hash tlog.Hash, hashes tlog.HashReader) error {
	standing, err := hashes.ReadHashes([]int64{tlog.StoredHashIndex(0, index)})
	if err != nil {
		return fmt.Errorf("entry %d: %v", index, err)
	}
	if standing[0] != hash {
		return fmt.Errorf("entry %d is not the one whose hash stands in the tile", index)
	}
	proof, err := tlog.ProveRecord(tree.N, index, hashes)
	if err != nil {
		return fmt.Errorf("entry %d: %v", index, err)
	}
	if err := tlog.CheckRecord(proof, tree.N, tree.Hash, index, hash); err != nil {
		return fmt.Errorf("entry %d: %v", index, err)
	}
	return nil
}

// checkHashes reads every hash of an entry, which tlog checks against the root.
func checkHashes(tree tlog.Tree, hashes tlog.HashReader) error {
	for index := int64(0); index < tree.N; index++ {
		if _, err := hashes.ReadHashes([]int64{tlog.StoredHashIndex(0, index)}); err != nil {
			return fmt.Errorf("entry %d: %v", index, err)
		}
	}
	return nil
}

// checkSeq checks that an entry is JSON and says of itself which one it is.
func checkSeq(index int64, entry []byte) error {
	var stamp struct {
		Seq *int64 `json:"seq"`
	}
	if err := json.Unmarshal(entry, &stamp); err != nil {
		return fmt.Errorf("entry %d: %v", index, err)
	}
	if stamp.Seq == nil || *stamp.Seq != index {
		return fmt.Errorf("entry %d says that it is another one", index)
	}
	return nil
}

// stored is a tree that is built from leaves alone, in memory.
type stored []tlog.Hash

func (s *stored) add(index int64, leaf tlog.Hash) error {
	more, err := tlog.StoredHashesForRecordHash(index, leaf, *s)
	if err != nil {
		return err
	}
	*s = append(*s, more...)
	return nil
}

func (s stored) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	var all []tlog.Hash
	for _, index := range indexes {
		if index >= int64(len(s)) {
			return nil, fmt.Errorf("the tree has no hash %d", index)
		}
		all = append(all, s[index])
	}
	return all, nil
}
