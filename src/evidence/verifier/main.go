// Verify checks a Placet journal with code that is not Placet's: golang.org/x/mod/sumdb/note opens the checkpoints and
// golang.org/x/mod/sumdb/tlog checks tiles and proofs. With Debian's packages golang-1.19-go and
// golang-golang-x-mod-dev:
//
//	export GO111MODULE=off GOPATH=/usr/share/gocode CGO_ENABLED=0
//	/usr/lib/go-1.19/bin/go build -o /tmp/verify ./src/evidence/verifier
//	/tmp/verify -key "$(placet log key)" data/journal
//	/tmp/verify -key "$(placet log key)" https://placet.example.com
//	/tmp/verify -key "$(placet log key)" -proof receipt.tlog-proof
//	/tmp/verify -key "$(placet log key)" -bundle placet-evidence-2026-11-01-2026-11-30
//
// -key may be given for each key that the log ever had, -older for each checkpoint that was kept elsewhere, and
// -token for a monitor's credential, without which a server shows hashes and no entries.
package main

import (
	"flag"
	"fmt"
	"os"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

type list []string

func (l *list) String() string     { return strings.Join(*l, " ") }
func (l *list) Set(v string) error { *l = append(*l, v); return nil }

func main() {
	var keys, older list
	flag.Var(&keys, "key", "a verifier key of the log; may be repeated")
	flag.Var(&older, "older", "a file with an older checkpoint that the log must extend; may be repeated")
	token := flag.String("token", "", "a monitor's credential, for the entries of a served log")
	proof := flag.String("proof", "", "a .tlog-proof to check, instead of a log")
	bundle := flag.String("bundle", "", "an auditor's bundle to check, instead of a log")
	flag.Parse()

	var verifiers []note.Verifier
	for _, key := range keys {
		verifier, err := note.NewVerifier(key)
		if err != nil {
			fail(fmt.Errorf("the key %q: %v", key, err))
		}
		verifiers = append(verifiers, verifier)
	}
	if len(verifiers) == 0 {
		fail(fmt.Errorf("a -key is needed"))
	}
	known := note.VerifierList(verifiers...)

	var said string
	var err error
	switch {
	case *proof != "":
		said, err = checkProof(known, *proof)
	case *bundle != "":
		said, err = checkBundle(known, *bundle)
	case flag.NArg() != 1:
		err = fmt.Errorf("name one folder or address")
	case strings.HasPrefix(flag.Arg(0), "http://") || strings.HasPrefix(flag.Arg(0), "https://"):
		said, err = checkLog(known, &server{base: flag.Arg(0), token: *token}, older)
	default:
		said, err = checkLog(known, &folder{dir: flag.Arg(0)}, older)
	}
	if err != nil {
		fail(err)
	}
	fmt.Println("ok: " + said)
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "FAIL: "+err.Error())
	os.Exit(1)
}
