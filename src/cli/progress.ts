/** Tells a person at a terminal how far the reading of the journal is, in one line that is written over. */
export function progress(): (entries: number, of: number) => void {
  let told = '';
  return (entries, of) => {
    if (!process.stderr.isTTY) return;
    const now = `${Math.floor((100 * entries) / Math.max(1, of))} %`;
    if (now === told) return;
    told = now;
    process.stderr.write(`\r${entries} of ${of} entries, ${now}\u001B[K`);
  };
}
