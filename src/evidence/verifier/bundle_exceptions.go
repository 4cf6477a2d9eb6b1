package main

import "fmt"

type exception struct {
	Kind      string
	Seq       int64
	At        string
	CallID    string `json:"call_id"`
	RequestID string `json:"request_id"`
	Agent     string
	Server    string
	Tool      string
	Person    string
	Detail    string
}

// A wanted exception is one of which an entry tells.
type wanted struct {
	kind string
	entry
}

// plain are the types of entries that are exceptions whatever else they say.
var plain = map[string]string{
	"call.denied":               "denied",
	"approval.escalated":        "escalated",
	"verification.refused":      "verification_refused",
	"secret.revealed":           "secret_revealed",
	"self_approval.refused":     "self_approval_refused",
	"notice.failed":             "notice_failed",
	"execution.outcome_unknown": "outcome_unknown",
	"execution.reconciled":      "reconciled",
	"tool.definition_changed":   "definition_changed",
	"tool.definition_accepted":  "definition_accepted",
	"log.recovered":             "log_recovered",
	"payload.erasure_ordered":   "payload_erased",
	"hold.placed":               "hold",
	"hold.released":             "hold",
	"agent.key_issued":          "agent_key",
	"agent.key_revoked":         "agent_key",
	"reviewer.key_issued":       "reviewer_key",
	"reviewer.key_revoked":      "reviewer_key",
}

// checkExceptions checks that the exceptions are those of which the entries of the period tell.
func (b *bundle) checkExceptions(told *told, rows []*row) (int, error) {
	policy, people, err := b.stoodBefore(told)
	if err != nil {
		return 0, err
	}
	var want []wanted
	for _, one := range told.entries {
		kind := kindOf(one)
		switch one.Type {
		case "policy.loaded":
			if policy {
				kind = "policy_changed"
			}
			policy = true
		case "people.changed":
			if people {
				kind = "people_changed"
			}
			people = true
		}
		if kind != "" {
			want = append(want, wanted{kind, one})
		}
	}
	calls := rowsByID(rows)
	counts := map[string]int64{}
	var all []exception
	err = b.lines("exceptions.jsonl", func(line []byte) error {
		var found exception
		if err := decodeStrictly(line, &found); err != nil {
			return err
		}
		at := len(all)
		if at >= len(want) || want[at].kind != found.Kind || want[at].Seq != found.Seq {
			return fmt.Errorf("the entries tell of another exception than %s in entry %d", found.Kind, found.Seq)
		}
		if member := found.differs(want[at].entry, calls); member != "" {
			return fmt.Errorf("entry %d has another %s", found.Seq, member)
		}
		counts[found.Kind]++
		all = append(all, found)
		return nil
	})
	if err != nil {
		return 0, err
	}
	if len(all) < len(want) {
		next := want[len(all)]
		return 0, fmt.Errorf("exceptions.jsonl lacks %s of entry %d", next.kind, next.Seq)
	}
	if !sameCounts(b.Counts.Exceptions, counts) {
		return 0, fmt.Errorf("the manifest does not count the exceptions that there are")
	}
	return len(all), b.checkTable("exceptions.csv", exceptionColumns, len(all), func(i int) []string { return all[i].cells() })
}

// stoodBefore says whether a policy, and people, stood before the period: only what takes the place of something is a
// change. Where the bundle begins with the log, the lines say so.
func (b *bundle) stoodBefore(told *told) (policy, people bool, err error) {
	for _, each := range b.Policies {
		policy = policy || each.Seq < b.Log.FromSeq
	}
	var directories []struct{ Seq int64 }
	text, err := b.read("people/people.json")
	if err != nil {
		return false, false, err
	}
	if err := decode(text, &directories); err != nil {
		return false, false, fmt.Errorf("people/people.json: %v", err)
	}
	for _, each := range directories {
		people = people || each.Seq < b.Log.FromSeq
	}
	if b.Log.Start.Size == 0 && (policy != told.policyBefore || people != told.peopleBefore) {
		return false, false, fmt.Errorf("what stood before the period is told otherwise by the lines")
	}
	return policy, people, nil
}

func kindOf(one entry) string {
	switch one.Type {
	case "call.completed":
		if one.Outcome == "unknown" {
			return "outcome_unknown"
		}
	case "approval.resolved":
		if one.Resolution == "expired" || one.Resolution == "voided" {
			return one.Resolution
		}
	case "approval.decided":
		if one.Solo {
			return "solo_approval"
		}
	case "tool.registered":
		if one.Late {
			return "definition_changed"
		}
	case "log.key":
		if one.Previous != "" {
			return "key_changed"
		}
	}
	return plain[one.Type]
}
