package main

// rowsByID are the calls of the population by their ids and those of their requests.
func rowsByID(rows []*row) map[string]*row {
	all := map[string]*row{}
	for _, each := range rows {
		all["call "+each.CallID] = each
		if each.RequestID != "" {
			all["request "+each.RequestID] = each
		}
	}
	return all
}

// differs names what an exception tells otherwise than its entry, and the call of it. What is told of a call that is
// not in the population is not known, and a detail only where it is the entry's own text.
func (e exception) differs(one entry, calls map[string]*row) string {
	if e.At != one.Time.text {
		return "at"
	}
	request := one.RequestID
	if request == "" {
		request = one.ApprovalID
	}
	of := calls["call "+one.CallID]
	if one.CallID == "" {
		of = calls["request "+one.RequestID]
	}
	if of == nil {
		of = &row{}
	}
	isOfCall := one.CallID != "" || one.RequestID != ""
	for _, each := range [][4]string{
		{"call_id", e.CallID, one.CallID, of.CallID},
		{"request_id", e.RequestID, request, of.RequestID},
		{"agent", e.Agent, one.Agent, of.Agent},
		{"server", e.Server, one.Server, of.Server},
		{"tool", e.Tool, one.Tool, of.Tool},
	} {
		name, found, own, ofCall := each[0], each[1], each[2], each[3]
		if own != "" && found != own {
			return name
		}
		// The row of a call that ended long ago is not at hand where a bundle is made: an exception may say nothing of it.
		if own == "" && found != "" && found != ofCall && (of.CallID != "" || !isOfCall) {
			return name
		}
	}
	if e.Person != personOf(one) {
		return "person"
	}
	if detail := detailOf(one); detail != nil && e.Detail != *detail {
		return "detail"
	}
	return ""
}

func personOf(one entry) string {
	switch one.Type {
	case "approval.decided", "verification.refused", "secret.revealed", "self_approval.refused", "notice.failed",
		"execution.reconciled", "tool.definition_accepted":
		return one.Reviewer
	case "log.key", "payload.erasure_ordered", "hold.placed", "hold.released", "agent.key_issued", "agent.key_revoked":
		return one.By
	case "reviewer.key_issued", "reviewer.key_revoked":
		return one.Person
	}
	return ""
}

// detailOf is the detail of an exception where it is a text of the entry, and not a sentence that was made of it.
func detailOf(one entry) *string {
	switch one.Type {
	case "call.denied", "approval.resolved", "self_approval.refused", "payload.erasure_ordered":
		return one.Reason
	case "execution.outcome_unknown":
		return one.Detail
	}
	return nil
}
