package main

import (
	"fmt"
	"math/bits"

	"golang.org/x/mod/sumdb/tlog"
)

// growing is a tree of which only the right edge is held: the roots of the perfect trees side by side that its leaves
// make up, the widest first, one for each bit that is set in the size.
type growing struct {
	size  int64
	peaks []tlog.Hash
}

func newGrowing(size int64, peaks []tlog.Hash) (*growing, error) {
	if want := bits.OnesCount64(uint64(size)); want != len(peaks) {
		return nil, fmt.Errorf("a tree of %d entries has %d hashes at its edge, and not %d", size, want, len(peaks))
	}
	return &growing{size: size, peaks: append([]tlog.Hash{}, peaks...)}, nil
}

func (g *growing) add(leaf tlog.Hash) {
	hash := leaf
	// Like counting: each bit that is set and carries is a peak as high as the one on its right.
	for carry := g.size; carry%2 == 1; carry /= 2 {
		hash = tlog.NodeHash(g.peaks[len(g.peaks)-1], hash)
		g.peaks = g.peaks[:len(g.peaks)-1]
	}
	g.peaks = append(g.peaks, hash)
	g.size++
}

func (g *growing) root() tlog.Hash {
	if len(g.peaks) == 0 {
		return tlog.Hash{}
	}
	root := g.peaks[len(g.peaks)-1]
	for i := len(g.peaks) - 2; i >= 0; i-- {
		root = tlog.NodeHash(g.peaks[i], root)
	}
	return root
}
