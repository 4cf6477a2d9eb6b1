package main

import (
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

const height = 8

// A source is where a log is read from. Paths are those of C2SP tlog-tiles, such as tile/0/x001/067.p/12.
type source interface {
	// read gives what stands under a path.
	read(path string) ([]byte, error)
	// entries calls each with every entry in order, as long as it has any; it says how many there are, or -1 where
	// they are not shown.
	entries(tree tlog.Tree, each func(index int64, entry []byte) error) (int64, error)
	// history gives the signed checkpoints that the log kept, oldest first.
	history() ([][]byte, error)
}

// tiles is a tlog.TileReader. What it has read it keeps: tlog has checked it against the root before SaveTiles.
type tiles struct {
	from source
	kept map[tlog.Tile][]byte
}

func (t *tiles) Height() int { return height }

func (t *tiles) SaveTiles(wanted []tlog.Tile, data [][]byte) {
	for i, tile := range wanted {
		t.kept[tile] = data[i]
	}
}

func (t *tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range wanted {
		data, ok := t.kept[tile]
		if !ok {
			var err error
			if data, err = t.readTile(tile); err != nil {
				return nil, err
			}
		}
		all = append(all, data)
	}
	return all, nil
}

// readTile takes a partial tile out of the full one where it is not there by itself any more.
func (t *tiles) readTile(tile tlog.Tile) ([]byte, error) {
	full := tile
	full.W = 1 << height
	data, err := t.from.read(pathOf(tile))
	if err != nil && tile != full {
		data, err = t.from.read(pathOf(full))
	}
	if err != nil {
		return nil, err
	}
	if len(data) < tile.W*tlog.HashSize {
		return nil, fmt.Errorf("%s is too short", pathOf(tile))
	}
	return data[:tile.W*tlog.HashSize], nil
}

// pathOf leaves out the height, which Go writes into the paths of tiles and C2SP does not.
func pathOf(tile tlog.Tile) string {
	return strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
}
