package main

import (
	"encoding/binary"
	"fmt"
	"io"
	"net/http"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// A server shows a log as C2SP tlog-tiles says. Its entries want a credential.
type server struct{ base, token string }

func (s *server) read(path string) ([]byte, error) {
	request, err := http.NewRequest("GET", strings.TrimSuffix(s.base, "/")+"/"+path, nil)
	if err != nil {
		return nil, err
	}
	if s.token != "" {
		request.Header.Set("Authorization", "Bearer "+s.token)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", path, response.Status)
	}
	return io.ReadAll(response.Body)
}

func (s *server) entries(tree tlog.Tree, each func(int64, []byte) error) (int64, error) {
	if s.token == "" {
		return -1, nil
	}
	for first := int64(0); first < tree.N; first += 1 << height {
		tile := tlog.Tile{H: height, L: 0, N: first >> height, W: 1 << height}
		if tree.N-first < 1<<height {
			tile.W = int(tree.N - first)
		}
		path := strings.Replace(pathOf(tile), "tile/0/", "tile/entries/", 1)
		bundle, err := s.read(path)
		if err != nil {
			return first, err
		}
		for i := 0; i < tile.W; i++ {
			if len(bundle) < 2 || len(bundle)-2 < int(binary.BigEndian.Uint16(bundle)) {
				return first, fmt.Errorf("%s ends within an entry", path)
			}
			end := 2 + int(binary.BigEndian.Uint16(bundle))
			if err := each(first+int64(i), bundle[2:end]); err != nil {
				return first, err
			}
			bundle = bundle[end:]
		}
		if len(bundle) > 0 {
			return first, fmt.Errorf("%s has more than %d entries", path, tile.W)
		}
	}
	return tree.N, nil
}

// history is empty: a server shows its newest checkpoint only, and older ones are kept by those who ask.
func (s *server) history() ([][]byte, error) { return nil, nil }
