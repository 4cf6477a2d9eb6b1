import { ask, call, type Script } from '../steps.ts';

const think = (thought: string, thoughtNumber: number, more: object = {}): ReturnType<typeof call> =>
  call('sequentialthinking', {
    thought,
    thoughtNumber,
    totalThoughts: 3,
    nextThoughtNeeded: thoughtNumber < 3,
    ...more,
  });

export const sequentialThinking: Script = {
  server: 'sequential-thinking',
  program: 'server-sequential-thinking/dist/index.js',
  steps: () => [
    think('Begin.', 1),
    ask('tools/list'),
    think('No: begin “again”.', 2, { isRevision: true, revisesThought: 1 }),
    think('Or so.', 2, { branchFromThought: 1, branchId: 'b' }),
    think('More than was thought.', 5, { needsMoreThoughts: true }),
    think('Zeroth.', 0),
    call('sequentialthinking', { thought: 'Without numbers.' }),
    think('End.', 3),
  ],
};
