package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// A folder is data/journal: segments of lines, each a file that is named by the number of its first line.
type folder struct{ dir string }

func (f *folder) read(path string) ([]byte, error) {
	return os.ReadFile(filepath.Join(f.dir, filepath.FromSlash(path)))
}

func (f *folder) entries(_ tlog.Tree, each func(int64, []byte) error) (int64, error) {
	segments, err := filepath.Glob(filepath.Join(f.dir, "*.jsonl"))
	if err != nil {
		return 0, err
	}
	sort.Slice(segments, func(i, j int) bool {
		if len(segments[i]) != len(segments[j]) {
			return len(segments[i]) < len(segments[j])
		}
		return segments[i] < segments[j]
	})
	var next int64
	for _, path := range segments {
		if want := fmt.Sprintf("%08d.jsonl", next); filepath.Base(path) != want {
			return next, fmt.Errorf("%s stands where %s is expected", filepath.Base(path), want)
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return next, err
		}
		for len(text) > 0 {
			end := bytes.IndexByte(text, '\n')
			if end < 0 {
				return next, fmt.Errorf("%s ends within a line", filepath.Base(path))
			}
			if err := each(next, text[:end]); err != nil {
				return next, err
			}
			next++
			text = text[end+1:]
		}
	}
	return next, nil
}

func (f *folder) history() ([][]byte, error) {
	text, err := f.read("checkpoints.log")
	if err != nil {
		if pathError, ok := err.(*fs.PathError); ok && os.IsNotExist(pathError) {
			return nil, nil
		}
		return nil, err
	}
	var kept [][]byte
	for _, line := range strings.Split(strings.TrimSuffix(string(text), "\n"), "\n") {
		var one struct{ Note string }
		if err := json.Unmarshal([]byte(line), &one); err != nil {
			return nil, fmt.Errorf("checkpoints.log: %v", err)
		}
		kept = append(kept, []byte(one.Note))
	}
	return kept, nil
}
