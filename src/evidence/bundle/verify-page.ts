import { createHash } from 'node:crypto';
import { ONLY_SIGNED } from './completeness.ts';
import type { ReportInput } from './report-input.ts';

interface Sources {
  /** The verifier key that signs the manifest. */
  readonly signedBy: string;
  /** The verifier's, by rising names. */
  readonly sources: readonly { readonly name: string; readonly bytes: Uint8Array }[];
}

/** SHA-256 over the verifier's files, one behind the other, in hexadecimal: what the documentation names. */
export function digestOfSources(sources: Sources['sources']): string {
  const hash = createHash('sha256');
  for (const { bytes } of sources) hash.update(bytes);
  return hash.digest('hex');
}

/** `VERIFY.md`: the commands by which a stranger checks the bundle without any program of Placet's. */
export function verifyPage(
  { log, sample, period, completeness }: ReportInput,
  { signedBy, sources }: Sources,
): string {
  return `# How to check this bundle

This folder is the evidence of what went through Placet from ${period.from} to before ${period.to}. Everything in it
is signed by the key of the log \`${log.origin}\`, and its signature, its files, and what follows from the lines of the log can be checked with a shell, \`openssl\` (3.0 or later)
and Go, offline and without a program of Placet's. Run each command in this folder. Each ends with the exit code 0, or
something was changed.

## 1. The signature

\`KEY\` is the log's verifier key. Whoever believes the one that stands in this bundle believes the bundle by its own
word: **set it to the key that you noted elsewhere**, such as from an earlier bundle, or from what the operator has
published:

    export KEY='${signedBy}'

The first command compares \`log-key.pem\` with that key. The second checks the key's signature of \`manifest.json\`:
\`manifest.note\` is a signed note (C2SP), whose third line is the SHA-256 of the manifest.

\`\`\`sh
( set -e
: "\${KEY:?is not set: set it to the key that you noted}"
shown=$(openssl pkey -pubin -in log-key.pem -outform DER | tail -c 32 | openssl base64 -A)
noted=$(printf %s "\${KEY#*+*+}" | openssl base64 -d -A | tail -c 32 | openssl base64 -A)
test -n "$shown"
test "$shown" = "$noted"
)
\`\`\`

\`\`\`sh
( set -e
work=$(mktemp -d)
sed '/^$/,$d' manifest.note > "$work/text"
tail -n 1 manifest.note | sed 's/^.* //' | openssl base64 -d -A | tail -c 64 > "$work/signature"
openssl pkeyutl -verify -pubin -inkey log-key.pem -rawin -in "$work/text" -sigfile "$work/signature"
test "$(sed -n 1p "$work/text")" = 'placet-evidence v1'
digest=$(openssl dgst -sha256 -binary manifest.json | openssl base64 -A)
test -n "$digest"
test "$(sed -n 3p "$work/text")" = "$digest"
)
\`\`\`

## 2. The files

Every file is the one that the manifest lists, none is missing, there is no other, and none is a link.

\`\`\`sh
( set -e
work=$(mktemp -d)
test -z "$(find . ! -type d ! -type f)"
sed -n 's|^    {"path":"\\([^"]*\\)","bytes":[0-9]*,"sha256":"\\([0-9a-f]*\\)"},\\{0,1\\}$|./\\1|p' manifest.json | LC_ALL=C sort > "$work/names"
test -s "$work/names"
find . ! -type d | grep -F -v -x -e ./manifest.json -e ./manifest.note | LC_ALL=C sort > "$work/there"
diff "$work/names" "$work/there"
sed -n 's|^    {"path":"\\([^"]*\\)","bytes":[0-9]*,"sha256":"\\([0-9a-f]*\\)"},\\{0,1\\}$|\\2 *./\\1|p' manifest.json | LC_ALL=C sort > "$work/listed"
xargs openssl dgst -sha256 -r < "$work/names" | LC_ALL=C sort > "$work/found"
diff "$work/listed" "$work/found"
)
\`\`\`

## 3. The log

\`verifier/\` holds a program in Go that shares no line with Placet: it stands on \`golang.org/x/mod/sumdb\`, Go's own
implementation of transparency logs. Read it, or bring another; the hash of its sources stands in Placet's documentation
of the release, too:

\`\`\`sh
test "$(cat verifier/*.go | openssl dgst -sha256 -r)" = '${digestOfSources(sources)} *stdin'
\`\`\`

Debian's packages \`golang-go\` and \`golang-golang-x-mod-dev\` are all that it needs.

\`\`\`sh
work=$(mktemp -d) && ( set -e
export GO111MODULE=off GOPATH=/usr/share/gocode GOFLAGS= CGO_ENABLED=0
(cd verifier && go build -o "$work/verify" .)
"$work/verify" $(sed 's/^/-key /' log-keys.txt) -bundle .
)
\`\`\`

It checks

- the manifest's signature, and every file against it, once more;
- the checkpoints at both ends, that \`checkpoints/frontier.txt\` is the right edge of the tree under the first
  (${log.start.size} entries) and that it leads, with each line of \`log/entries.jsonl\`, to the root of the second
  (${log.end.size} entries), and the consistency proof between them. So not one line was changed, left out, added or
  moved;
- that the entries are numbered without a gap, and that the period is the run from ${log.from_seq} to before ${log.to_seq};
- **that the population is complete**: each call that was requested in the period has its row in
  \`population/calls.jsonl\`, each row its entries, and no entry of a call lacks a row; that of the calls
  which were requested in the period every member is what the entries say, of the others what the entries of the period
  say, and that \`population/calls.csv\` has the same in every cell;
- that each exception is told by an entry, that there is one of each kind for every entry that tells of one,
  with the ids and the person that the entry names, and that \`exceptions.csv\` has the same in every cell;
- that the sample is the one which the seed draws, and the proof of every entry of it;
- the texts of the rules against the versions that the log names, and the counts in the manifest.

One proof can be checked alone, such as that of a receipt: \`"$work/verify" -key "$KEY" -proof sample/…/N.tlog-proof\`.

## 4. The sample

${
  sample.by_default
    ? 'Nobody gave a seed: it is the root of the last checkpoint, which nobody could know before all entries of the period were written. Who signs the log chooses at which entry that checkpoint is signed, though, and can try several: to rule that out, receive `checkpoints/end.note` first and have the sample drawn by a seed that you choose then.'
    : 'The seed was chosen by whoever asked for the bundle.'
}
A call is drawn by the SHA-256 of \`SEED:CALL_ID\`: those with the smallest make up the sample. For one call, with the
seed \`${sample.seed}\`:

    printf %s '${sample.seed}:${sample.calls[0] ? shellText(sample.calls[0].row.call_id) : 'CALL_ID'}' | openssl dgst -sha256

## What this does not show

${completeness.shown_to === undefined ? '' : `**${completeness.shown_to}** Behind the period no entry stood in the log when the bundle was made, or none is shown.\n\n`}\`completeness.md\` says it. Signed by the operator alone, and not computed anew by the verifier, are:

${ONLY_SIGNED.map((each) => `- ${each}`).join(';\n')}.

${
  log.keys.length > 1
    ? 'The key of the log was changed, and the newest signs the manifest. If you noted an older one, follow the `log.key` entries from it to this one, in `log/entries.jsonl`, in an earlier bundle or in the log itself, and then set `KEY` to the newest.\n\n'
    : ''
}The most important: what was never sent through Placet is not here, and whoever holds the
signing key could have signed another log from its beginning. Compare the key, and an older checkpoint of this log, with
what you or somebody whom you trust noted at the time.
`;
}

/** An id as it can stand between apostrophes: made by Placet, it has nothing else. */
function shellText(id: string): string {
  return id.replaceAll(/[^A-Za-z0-9_. -]/g, '_');
}
