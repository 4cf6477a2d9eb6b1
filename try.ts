import { runWorkload } from './test/support/evidence-workload.ts';
import { readFileSync } from 'node:fs';
import { ACTS } from './test/support/evidence-workload/acts.ts';
const began = performance.now();
const cpu = (pid: number) => { const f = readFileSync(`/proc/${pid}/stat`,'utf8').split(') ')[1]!.split(' '); return `${Number(f[11])/100}+${Number(f[12])/100}`; };
for (let i=0;i<ACTS.length;i++){ const a=ACTS[i]!; (ACTS as any)[i]= async (w:any)=>{const b=performance.now(); if(i===0) console.log('load', (b-began)/1000, process.cpuUsage(), cpu(w.host().child.pid)); await a(w); console.log(a.name, Math.round(performance.now()-b));}; }
const w = await runWorkload({ seed: 7, calls: Number(process.argv[2] ?? 500) });
console.log('seconds', (performance.now()-began)/1000, process.cpuUsage(), cpu(await w.workspace.hostPid()));
await w.close();
