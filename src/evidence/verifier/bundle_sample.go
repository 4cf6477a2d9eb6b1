package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"sort"
	"strings"
)

// checkSample checks that the calls were drawn by the seed, and the proof of every entry of them.
func (b *bundle) checkSample(rows []*row) error {
	root, err := b.edge("checkpoints/end.note", b.Log.End)
	if err != nil {
		return err
	}
	if b.Sample.ByDefault && b.Sample.Seed != hex.EncodeToString(root.Hash[:]) {
		return fmt.Errorf("the seed of the sample is not the root of the last checkpoint")
	}
	keys := map[*row]string{}
	for _, each := range rows {
		digest := sha256.Sum256([]byte(b.Sample.Seed + ":" + each.CallID))
		keys[each] = hex.EncodeToString(digest[:])
	}
	drawn := append([]*row{}, rows...)
	sort.Slice(drawn, func(i, j int) bool { return keys[drawn[i]] < keys[drawn[j]] })
	if len(drawn) > b.Query.Sample {
		drawn = drawn[:b.Query.Sample]
	}
	if len(drawn) != len(b.Sample.Calls) {
		return fmt.Errorf("%d calls are in the sample, and the seed draws %d", len(b.Sample.Calls), len(drawn))
	}
	for i, each := range drawn {
		call := b.Sample.Calls[i]
		if call.CallID != each.CallID || !strings.HasPrefix(call.Folder, fmt.Sprintf("sample/%03d-", i+1)) {
			return fmt.Errorf("call %d of the sample is %s, and the seed draws %s", i+1, call.CallID, each.CallID)
		}
		for _, seq := range each.Entries {
			path := fmt.Sprintf("%s/%d.tlog-proof", call.Folder, seq)
			proven, err := readProof(b.known, b.path(path))
			if err != nil {
				return fmt.Errorf("%s: %v", path, err)
			}
			var one entry
			if err := decode(proven.entry, &one); err != nil {
				return fmt.Errorf("%s: %v", path, err)
			}
			isOfCall := one.CallID == each.CallID || one.RequestID != "" && one.RequestID == each.RequestID
			if proven.index != seq || proven.tree != root || !isOfCall {
				return fmt.Errorf("%s proves something else", path)
			}
		}
	}
	return nil
}
