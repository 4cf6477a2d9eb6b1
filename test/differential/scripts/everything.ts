import { ask, call, type Script, type Step } from '../steps.ts';

const withToken = (step: Step, progressToken: string | number): Step => ({
  ...step,
  params: { ...(step.params as object), _meta: { progressToken } },
});

const taskOf =
  (step: number) =>
  (results: readonly unknown[]): object => ({
    taskId: (results[step] as { task: { taskId: string } }).task.taskId,
  });

const data = (text: string): string => `data:text/plain;base64,${Buffer.from(text).toString('base64')}`;
const session = 'demo://resource/session/notes.txt.gz';
const prompt = (name: string, args?: object): Step =>
  ask('prompts/get', { name, ...(args ? { arguments: args } : {}) });
const complete = (ref: object, name: string, value: string, context?: object): Step =>
  ask('completion/complete', { ref, argument: { name, value }, ...(context ? { context } : {}) });
const read = (uri: string): Step => ask('resources/read', { uri });

const research = { name: 'simulate-research-query', arguments: { topic: 'python', ambiguous: true } };

const before: readonly Step[] = [
  // The server asks for the roots a while after its start, and logs that it has them.
  call('echo', { message: 'héllo "wörld" \u2028 \\ / 😀' }, { others: 2 }),
  ask('tools/list'),
  ask('resources/list'),
  ask('resources/templates/list'),
  ask('prompts/list'),
  ask('logging/setLevel', { level: 'debug' }),
  call('get-annotated-message', { messageType: 'error' }),
  call('get-annotated-message', { messageType: 'success', includeImage: true }),
  call('get-annotated-message', { messageType: 'debug', includeImage: false }),
  call('get-env'),
  call('get-resource-links', { count: 4 }),
  call('get-resource-reference', { resourceType: 'Blob', resourceId: 7 }),
  call('get-resource-reference', { resourceType: 'Text', resourceId: 0 }),
  call('get-structured-content', { location: 'Chicago' }),
  call('get-structured-content', { location: 'Nowhere' }),
  call('get-sum', { a: 2, b: 0.5 }),
  call('get-sum', { a: 'two', b: 0.5 }),
  call('get-tiny-image'),
  call('gzip-file-as-resource', { name: 'notes.txt.gz', data: data('Notes.\n') }),
  read(session),
  call('gzip-file-as-resource', { name: 'whole.gz', data: data('Whole.\n'), outputType: 'resource' }),
  call('toggle-simulated-logging', {}, { others: 1 }),
  call('toggle-simulated-logging'),
  ask('resources/subscribe', { uri: 'demo://resource/dynamic/text/1' }, { others: 1 }),
  call('toggle-subscriber-updates', {}, { others: 1 }),
  call('toggle-subscriber-updates'),
  ask('resources/unsubscribe', { uri: 'demo://resource/dynamic/text/1' }, { others: 1 }),
  withToken(call('trigger-long-running-operation', { duration: 0.3, steps: 3 }, { others: 3 }), 'a token'),
  withToken(call('trigger-long-running-operation', { duration: 0.1, steps: 1 }, { others: 1 }), 77),
  call('get-roots-list'),
  ask('notifications/roots/list_changed', undefined, { told: true, others: 2 }),
  call('trigger-elicitation-request', {}, { others: 1 }),
  call('trigger-url-elicitation', { url: 'https://example.com/sign' }, { others: 1 }),
  call('trigger-url-elicitation', { url: 'https://example.com/first', errorPath: true }),
  call('trigger-url-elicitation', { url: 'https://example.com/first', errorPath: true }, { others: 1 }),
  call('trigger-sampling-request', { prompt: 'Say “so”.', maxTokens: 5 }, { others: 1 }),
  call('trigger-sampling-request-async', { prompt: 'Later.', maxTokens: 5 }, { others: 3 }),
  call('trigger-elicitation-request-async', {}, { others: 3 }),
  ...['architecture', 'extension', 'features', 'how-it-works', 'instructions', 'startup', 'structure'].map(
    (name) => read(`demo://resource/static/document/${name}.md`),
  ),
  read('demo://resource/dynamic/text/1'),
  read('demo://resource/dynamic/blob/2'),
  read('demo://resource/dynamic/text/none'),
  read('demo://resource/nowhere'),
  prompt('simple-prompt'),
  prompt('args-prompt', { city: 'Göteborg', state: 'VG' }),
  prompt('args-prompt', {}),
  prompt('completable-prompt', { department: 'Sales', name: 'Eve' }),
  prompt('resource-prompt', { resourceType: 'Text', resourceId: '3' }),
  prompt('resource-prompt', { resourceType: 'Text', resourceId: '-3' }),
  complete({ type: 'ref/prompt', name: 'completable-prompt' }, 'department', 'S'),
  complete({ type: 'ref/prompt', name: 'completable-prompt' }, 'name', '', {
    arguments: { department: 'Sales' },
  }),
  complete({ type: 'ref/resource', uri: 'demo://resource/dynamic/text/{resourceId}' }, 'resourceId', '5'),
  complete({ type: 'ref/resource', uri: 'demo://resource/unknown/{resourceId}' }, 'resourceId', '5'),
  ask('ping'),
  ask('x/unknown', { kept: true }),
];

export const everything: Script = {
  server: 'everything',
  program: 'server-everything/dist/index.js',
  steps: () => [
    ...before,
    { method: 'tools/call', params: { ...research, task: { ttl: 60_000 } }, others: 1 },
    {
      method: 'tasks/get',
      params: taskOf(before.length),
      until: '"status":"input_required"',
    },
    { method: 'tasks/result', params: taskOf(before.length), others: 4 },
    { method: 'tasks/get', params: taskOf(before.length) },
    ask('tasks/list'),
    { method: 'tools/call', params: { ...research, task: { ttl: 60_000 } }, others: 1 },
    { method: 'tasks/cancel', params: taskOf(before.length + 5) },
    { method: 'tasks/cancel', params: taskOf(before.length + 5) },
  ],
};
