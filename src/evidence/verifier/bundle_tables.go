package main

import (
	"encoding/csv"
	"fmt"
	"os"
	"strconv"
	"strings"
)

var callColumns = strings.Fields(`call_id seq requested_at carried agent owner server tool verdict rule policy_version
	request_id approved_by rejected_by verified_by reasons resolution decided_at resolved_at started_at ended_at outcome
	definition_sha256 action_digest args_commit result_commit entries`)

var exceptionColumns = strings.Fields("kind seq at call_id request_id agent server tool person detail")

// cells are what a table of calls has of the row, in the order of its columns.
func (r *row) cells() []string {
	var approved, rejected, verified, reasons, entries []string
	for _, each := range r.Decisions {
		switch each.Decision {
		case "approve":
			approved = append(approved, each.Person)
		case "reject":
			rejected = append(rejected, each.Person)
		}
		verified = append(verified, each.Verification)
		if each.Reason != nil {
			reasons = append(reasons, *each.Reason)
		}
	}
	for _, seq := range r.Entries {
		entries = append(entries, strconv.FormatInt(seq, 10))
	}
	list := func(texts []string) string { return strings.Join(texts, "; ") }
	return []string{
		r.CallID, strconv.FormatInt(r.Seq, 10), r.RequestedAt, strconv.FormatBool(r.Carried), r.Agent, r.Owner, r.Server,
		r.Tool, r.Verdict, r.Rule, r.PolicyVersion, r.RequestID, list(approved), list(rejected), list(verified),
		list(reasons), r.Resolution, r.DecidedAt, r.ResolvedAt, r.StartedAt, r.EndedAt, r.Outcome, r.DefinitionSha256,
		r.ActionDigest, r.ArgsCommit, r.ResultCommit, strings.Join(entries, " "),
	}
}

func (e exception) cells() []string {
	return []string{
		e.Kind, strconv.FormatInt(e.Seq, 10), e.At, e.CallID, e.RequestID, e.Agent, e.Server, e.Tool, e.Person, e.Detail,
	}
}

// checkTable checks that a CSV has these columns and rows, cell by cell.
func (b *bundle) checkTable(name string, columns []string, count int, cells func(i int) []string) error {
	file, err := os.Open(b.path(name))
	if err != nil {
		return err
	}
	defer file.Close()
	all, err := csv.NewReader(file).ReadAll()
	if err != nil || len(all) == 0 {
		return fmt.Errorf("%s is no table: %v", name, err)
	}
	if strings.Join(all[0], ",") != strings.Join(columns, ",") {
		return fmt.Errorf("%s has other columns", name)
	}
	if len(all)-1 != count {
		return fmt.Errorf("%s has %d rows, and %d are expected", name, len(all)-1, count)
	}
	for i, found := range all[1:] {
		for at, text := range cells(i) {
			if found[at] != cell(text) {
				return fmt.Errorf("%s has another %s in row %d", name, columns[at], i+1)
			}
		}
	}
	return nil
}

// cell is a text as it stands in a table: what a spreadsheet would compute has an apostrophe before it. A reader of CSV
// takes the carriage return before a line feed away.
func cell(text string) string {
	for _, first := range text {
		if strings.ContainsRune("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20", first) {
			text = "'" + text
		}
		break
	}
	return strings.ReplaceAll(text, "\r\n", "\n")
}
