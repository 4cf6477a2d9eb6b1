const TASK = {
  ttl: 60_000,
  createdAt: '2026-01-02T03:04:05.000Z',
  lastUpdatedAt: '2026-01-02T03:04:05.000Z',
  pollInterval: 200,
};
const SAMPLED = {
  role: 'assistant',
  content: { type: 'text', text: 'Sampled “as asked” – ünï.' },
  model: 'still-model',
  stopReason: 'endTurn',
};

/** The capabilities of the client whose answers these are. */
export const CAPABILITIES = {
  roots: { listChanged: true },
  sampling: {},
  elicitation: { form: {}, url: {} },
  tasks: {
    list: {},
    cancel: {},
    requests: { sampling: { createMessage: {} }, elicitation: { create: {} } },
  },
};

/**
 * A client's fixed answers to what a server asks: roots, sampling and elicitation, at once or as a task of the
 * client's.
 * @param root the URI of the one root
 */
export function fixedReplies(root: string): (method: string, params: Record<string, unknown>) => object {
  const results = new Map<string, object>();
  let made = 0;
  const answer = (params: Record<string, unknown>, result: object): object => {
    if (params.task === undefined) return result;
    const taskId = `client-task-${(made += 1)}`;
    results.set(taskId, result);
    return { task: { taskId, status: 'working', ...TASK } };
  };
  return (method, params) => {
    const taskId = String(params.taskId);
    switch (method) {
      case 'roots/list':
        return { roots: [{ uri: root, name: 'The root' }] };
      case 'sampling/createMessage':
        return answer(params, SAMPLED);
      case 'elicitation/create':
        return answer(params, elicited(params));
      case 'tasks/get':
        return { taskId, status: 'completed', ...TASK };
      case 'tasks/result':
        return {
          ...results.get(taskId),
          _meta: { 'io.modelcontextprotocol/related-task': { taskId } },
        };
      default:
        return {};
    }
  };
}

function elicited({ mode, requestedSchema }: Record<string, unknown>): object {
  if (mode === 'url') return { action: 'accept' };
  const { properties = {} } = requestedSchema as { properties?: object };
  const content =
    'interpretation' in properties ? { interpretation: 'technical' } : { name: 'Ada', integer: 7 };
  return { action: 'accept', content };
}
