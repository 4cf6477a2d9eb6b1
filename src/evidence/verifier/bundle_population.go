package main

import (
	"fmt"
	"strings"
)

// checkPopulation checks that the rows are the calls of which the entries of the period tell, each with all of these.
func (b *bundle) checkPopulation(told *told) ([]*row, error) {
	rows, err := b.rows()
	if err != nil {
		return nil, err
	}
	calls, requests, claimed := map[string]*row{}, map[string]*row{}, map[int64]*row{}
	for _, each := range rows {
		if calls[each.CallID] != nil {
			return nil, fmt.Errorf("the call %s has two rows", each.CallID)
		}
		calls[each.CallID] = each
		if each.RequestID != "" {
			if requests[each.RequestID] != nil {
				return nil, fmt.Errorf("the request %s has two rows", each.RequestID)
			}
			requests[each.RequestID] = each
		}
		for _, seq := range each.Entries {
			if seq >= b.Log.ToSeq {
				return nil, fmt.Errorf("the row of %s has the entry %d, which is not of the period", each.CallID, seq)
			}
			if claimed[seq] != nil {
				return nil, fmt.Errorf("%s and %s have the entry %d both", claimed[seq].CallID, each.CallID, seq)
			}
			if seq >= b.Log.FromSeq {
				claimed[seq] = each
			}
		}
	}
	for _, one := range told.entries {
		if !isOfCall(one) {
			continue
		}
		of := calls[one.CallID]
		if one.CallID == "" {
			of = requests[one.RequestID]
		}
		if of == nil {
			return nil, fmt.Errorf("entry %d is of a call that is not in the population", one.Seq)
		}
		if claimed[one.Seq] != of {
			return nil, fmt.Errorf("the row of %s lacks the entry %d", of.CallID, one.Seq)
		}
		delete(claimed, one.Seq)
		of.within++
		if err := of.take(one); err != nil {
			return nil, fmt.Errorf("entry %d: %v", one.Seq, err)
		}
	}
	for seq, each := range claimed {
		return nil, fmt.Errorf("the row of %s has the entry %d, which is not of it", each.CallID, seq)
	}
	return rows, b.checkRows(rows)
}

func (b *bundle) rows() ([]*row, error) {
	var rows []*row
	last := int64(-1)
	err := b.lines("population/calls.jsonl", func(line []byte) error {
		each := &row{}
		if err := decodeStrictly(line, each); err != nil {
			return err
		}
		if each.Seq <= last || len(each.Entries) == 0 || each.Entries[0] != each.Seq {
			return fmt.Errorf("the rows are not in the order of their requests")
		}
		if each.Carried != (each.Seq < b.Log.FromSeq) {
			return fmt.Errorf("the call %s was requested with entry %d", each.CallID, each.Seq)
		}
		last = each.Seq
		rows = append(rows, each)
		return nil
	})
	return rows, err
}

// checkRows compares each row with what the entries say, and the counts and the CSV with the rows.
func (b *bundle) checkRows(rows []*row) error {
	verdicts, outcomes := map[string]int64{}, map[string]int64{}
	var carried, open int64
	for _, each := range rows {
		if each.within == 0 {
			return fmt.Errorf("nothing of the call %s is of the period", each.CallID)
		}
		if err := each.compare(); err != nil {
			return fmt.Errorf("the row of %s: %v", each.CallID, err)
		}
		verdicts[each.Verdict]++
		outcomes[each.Outcome]++
		if each.Carried {
			carried++
		}
		if each.Outcome == "pending" || each.Outcome == "under_way" {
			open++
		}
	}
	counts := b.Counts
	if counts.Calls != int64(len(rows)) || counts.Carried != carried || counts.Open != open ||
		!sameCounts(counts.ByVerdict, verdicts) || !sameCounts(counts.ByOutcome, outcomes) {
		return fmt.Errorf("the manifest does not count the calls that there are")
	}
	return b.checkTable("population/calls.csv", callColumns, len(rows), func(i int) []string { return rows[i].cells() })
}

// isOfCall says whether an entry tells of a call's course. Erasures and holds can come years after it.
func isOfCall(one entry) bool {
	if strings.HasPrefix(one.Type, "payload.") || strings.HasPrefix(one.Type, "hold.") {
		return false
	}
	return one.CallID != "" || one.RequestID != ""
}

func sameCounts(a, b map[string]int64) bool {
	if len(a) != len(b) {
		return false
	}
	for name, count := range a {
		if b[name] != count {
			return false
		}
	}
	return true
}
