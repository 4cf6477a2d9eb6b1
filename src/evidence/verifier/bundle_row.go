package main

import (
	"encoding/json"
	"fmt"
	"strings"
)

// A row is a call of the population.
type row struct {
	CallID           string `json:"call_id"`
	Seq              int64
	RequestedAt      string `json:"requested_at"`
	Carried          bool
	Agent            string
	Owner            string
	Server           string
	Tool             string
	DefinitionSha256 string `json:"definition_sha256"`
	ActionDigest     string `json:"action_digest"`
	ArgsCommit       string `json:"args_commit"`
	Verdict          string
	Rule             string
	PolicyVersion    string `json:"policy_version"`
	RequestID        string `json:"request_id"`
	Decisions        []decision
	Resolution       string
	ResolvedAt       string `json:"resolved_at"`
	DecidedAt        string `json:"decided_at"`
	StartedAt        string `json:"started_at"`
	EndedAt          string `json:"ended_at"`
	Outcome          string
	ResultCommit     string `json:"result_commit"`
	Entries          []int64
	// What the entries of the period say of it.
	within int
	said   said
}

type decision struct {
	Seq          int64
	Person       string
	Decision     string
	Verification string
	At           string
	Reason       *string
	Solo         bool
}

// said is what entries say of a call. What none of them says is empty.
type said struct {
	isRequested                     bool
	verdict, rule, policy, request  string
	resolution, resolved, decided   string
	started, ended, outcome, result string
	decisions                       []decision
}

func (r *row) take(one entry) error {
	say := &r.said
	switch one.Type {
	case "call.requested":
		if r.Seq != one.Seq || r.RequestedAt != one.Time.text || r.Agent != one.Agent || r.Owner != one.Owner ||
			r.Server != one.Server || r.Tool != one.Tool || r.DefinitionSha256 != one.DefinitionSha256 ||
			r.ActionDigest != one.ActionDigest || r.ArgsCommit != one.ArgsCommit {
			return fmt.Errorf("the row of %s tells it otherwise", r.CallID)
		}
		say.isRequested, say.verdict, say.outcome = true, "none", "under_way"
	case "call.allowed":
		say.judged("allow", one)
	case "call.denied":
		say.judged("deny", one)
		say.outcome, say.ended = "denied", one.Time.text
	case "call.completed":
		if one.RequestID != "" || one.Outcome == "delivered" {
			return nil
		}
		outcome := one.Outcome
		if outcome == "unknown" {
			outcome = "outcome_unknown"
		}
		say.end(outcome, one)
	case "approval.requested":
		say.judged("review", one)
		say.request, say.outcome = one.RequestID, "pending"
	case "approval.decided":
		say.decisions = append(say.decisions,
			decision{one.Seq, one.Reviewer, one.Decision, one.Verification, one.Time.text, one.Reason, one.Solo})
	case "approval.resolved":
		say.resolution, say.resolved = one.Resolution, one.Time.text
		if one.Resolution == "approved" || one.Resolution == "rejected" {
			say.decided = one.Time.text
		}
		if one.Resolution == "approved" {
			say.outcome = "under_way"
		} else {
			say.outcome, say.ended = one.Resolution, one.Time.text
		}
	case "execution.started":
		say.started = one.Time.text
	case "execution.succeeded", "execution.failed", "execution.outcome_unknown":
		say.end(strings.TrimPrefix(one.Type, "execution."), one)
	case "execution.reconciled":
		say.outcome = "reconciled_" + one.Outcome
	}
	return nil
}

func (s *said) judged(verdict string, one entry) {
	s.verdict, s.rule, s.policy = verdict, one.Policy.Rule, one.Policy.Version
}

func (s *said) end(outcome string, one entry) {
	s.outcome, s.ended = outcome, one.Time.text
	if one.ResultCommit != "" {
		s.result = one.ResultCommit
	}
}

// compare finds what the row tells otherwise than the entries of the period. Of a call that was requested before it,
// they do not say everything.
func (r *row) compare() error {
	if !r.Carried && !r.said.isRequested {
		return fmt.Errorf("no entry of the period requests it")
	}
	earlier := len(r.Decisions) - len(r.said.decisions)
	if earlier < 0 || !sameDecisions(r.Decisions[earlier:], r.said.decisions) {
		return fmt.Errorf("it does not have the decisions that the entries tell")
	}
	if !r.Carried && earlier > 0 {
		return fmt.Errorf("it has decisions of which no entry tells")
	}
	for _, pair := range [][3]string{
		{"verdict", r.Verdict, r.said.verdict},
		{"rule", r.Rule, r.said.rule},
		{"policy_version", r.PolicyVersion, r.said.policy},
		{"request_id", r.RequestID, r.said.request},
		{"resolution", r.Resolution, r.said.resolution},
		{"resolved_at", r.ResolvedAt, r.said.resolved},
		{"decided_at", r.DecidedAt, r.said.decided},
		{"started_at", r.StartedAt, r.said.started},
		{"ended_at", r.EndedAt, r.said.ended},
		{"outcome", r.Outcome, r.said.outcome},
		{"result", r.ResultCommit, r.said.result},
	} {
		if pair[1] != pair[2] && !(r.Carried && pair[2] == "") {
			return fmt.Errorf("its %s is %q, and the entries say %q", pair[0], pair[1], pair[2])
		}
	}
	return nil
}

func sameDecisions(a, b []decision) bool {
	for i := range a {
		one, _ := json.Marshal(a[i])
		other, _ := json.Marshal(b[i])
		if string(one) != string(other) {
			return false
		}
	}
	return len(a) == len(b)
}
