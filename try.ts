import { runWorkload } from './test/support/evidence-workload.ts';
import { countsOf } from './test/support/evidence-workload/tally.ts';
const began = performance.now();
const w = await runWorkload({ seed: 7, calls: Number(process.argv[2] ?? 500) });
console.log('seconds', (performance.now()-began)/1000);
console.log(countsOf(w.tally.planted, p=>p.kind));
const v = await w.workspace.placet('log','verify');
console.log(v.code, v.stdout.slice(-200), v.stderr);
await w.close();
