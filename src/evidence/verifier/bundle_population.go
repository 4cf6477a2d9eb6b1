package main

import (
	"encoding/csv"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// A row is a call of the population.
type row struct {
	CallID       string `json:"call_id"`
	Seq          int64
	RequestedAt  time.Time `json:"requested_at"`
	Carried      bool
	Agent        string
	Owner        string
	Server       string
	Tool         string
	ActionDigest string `json:"action_digest"`
	ArgsCommit   string `json:"args_commit"`
	Verdict      string
	Rule         string
	RequestID    string `json:"request_id"`
	Decisions    []struct {
		Seq      int64
		Person   string
		Decision string
	}
	Resolution   string
	Outcome      string
	ResultCommit string `json:"result_commit"`
	Entries      []int64
	// What the entries of the period say of it.
	within int
	said   said
}

// said is what entries say of a call. What none of them says is empty.
type said struct {
	verdict, rule, resolution, outcome, result string
	decisions                                  []string
}

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
		if err := decode(line, each); err != nil {
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
	table, err := b.table("population/calls.csv")
	if err != nil {
		return err
	}
	if len(table) != len(rows) {
		return fmt.Errorf("population/calls.csv has %d rows, and population/calls.jsonl %d", len(table), len(rows))
	}
	for i, each := range rows {
		if cell(table[i], "call_id") != each.CallID || cell(table[i], "seq") != strconv.FormatInt(each.Seq, 10) ||
			cell(table[i], "outcome") != each.Outcome || cell(table[i], "tool") != each.Tool {
			return fmt.Errorf("population/calls.csv has another call than %s in row %d", each.CallID, i+1)
		}
	}
	return nil
}

// isOfCall says whether an entry tells of a call's course. Erasures and holds can come years after it.
func isOfCall(one entry) bool {
	if strings.HasPrefix(one.Type, "payload.") || strings.HasPrefix(one.Type, "hold.") {
		return false
	}
	return one.CallID != "" || one.RequestID != ""
}

func (r *row) take(one entry) error {
	switch one.Type {
	case "call.requested":
		if r.Seq != one.Seq || !r.RequestedAt.Equal(one.Time) || r.Agent != one.Agent || r.Owner != one.Owner ||
			r.Server != one.Server || r.Tool != one.Tool || r.ActionDigest != one.ActionDigest || r.ArgsCommit != one.ArgsCommit {
			return fmt.Errorf("the row of %s tells it otherwise", r.CallID)
		}
		r.said.verdict, r.said.outcome = "none", "under_way"
	case "call.allowed":
		r.said.verdict, r.said.rule = "allow", one.Policy.Rule
	case "call.denied":
		r.said.verdict, r.said.rule, r.said.outcome = "deny", one.Policy.Rule, "denied"
	case "call.completed":
		if one.RequestID != "" || one.Outcome == "delivered" {
			return nil
		}
		r.said.outcome, r.said.result = one.Outcome, one.ResultCommit
		if one.Outcome == "unknown" {
			r.said.outcome = "outcome_unknown"
		}
	case "approval.requested":
		r.said.verdict, r.said.rule, r.said.outcome = "review", one.Policy.Rule, "pending"
	case "approval.decided":
		r.said.decisions = append(r.said.decisions, fmt.Sprintf("%d %s %s", one.Seq, one.Reviewer, one.Decision))
	case "approval.resolved":
		r.said.resolution, r.said.outcome = one.Resolution, one.Resolution
		if one.Resolution == "approved" {
			r.said.outcome = "under_way"
		}
	case "execution.succeeded", "execution.failed", "execution.outcome_unknown":
		r.said.outcome, r.said.result = strings.TrimPrefix(one.Type, "execution."), one.ResultCommit
	case "execution.reconciled":
		r.said.outcome = "reconciled_" + one.Outcome
	}
	return nil
}

// compare finds what the row tells otherwise than the entries of the period. Of a call that was requested before it,
// they do not say everything.
func (r *row) compare() error {
	var decisions []string
	for _, each := range r.Decisions {
		decisions = append(decisions, fmt.Sprintf("%d %s %s", each.Seq, each.Person, each.Decision))
	}
	earlier := len(decisions) - len(r.said.decisions)
	if earlier < 0 || strings.Join(decisions[earlier:], "\n") != strings.Join(r.said.decisions, "\n") {
		return fmt.Errorf("it does not have the decisions that the entries tell")
	}
	if !r.Carried && earlier > 0 {
		return fmt.Errorf("it has decisions of which no entry tells")
	}
	for _, pair := range [][3]string{
		{"verdict", r.Verdict, r.said.verdict},
		{"rule", r.Rule, r.said.rule},
		{"resolution", r.Resolution, r.said.resolution},
		{"outcome", r.Outcome, r.said.outcome},
		{"result", r.ResultCommit, r.said.result},
	} {
		if pair[1] != pair[2] && !(r.Carried && pair[2] == "") {
			return fmt.Errorf("its %s is %q, and the entries say %q", pair[0], pair[1], pair[2])
		}
	}
	return nil
}

// table reads a CSV as rows of cells by the names of their columns.
func (b *bundle) table(name string) ([]map[string]string, error) {
	file, err := os.Open(b.path(name))
	if err != nil {
		return nil, err
	}
	defer file.Close()
	all, err := csv.NewReader(file).ReadAll()
	if err != nil || len(all) == 0 {
		return nil, fmt.Errorf("%s is no table: %v", name, err)
	}
	var table []map[string]string
	for _, cells := range all[1:] {
		named := map[string]string{}
		for i, text := range cells {
			named[all[0][i]] = text
		}
		table = append(table, named)
	}
	return table, nil
}

// cell takes off the apostrophe that keeps a spreadsheet from computing what somebody wrote.
func cell(row map[string]string, column string) string {
	text := row[column]
	if len(text) > 1 && text[0] == '\'' && strings.ContainsRune("=+-@\t\r", rune(text[1])) {
		return text[1:]
	}
	return text
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
