import { ask, call, type Script } from '../steps.ts';

const ada = { name: 'Ada', entityType: 'person', observations: ['wrote “Notes”'] };
const engine = { name: 'Engine', entityType: 'machine', observations: [] };
const wrote = { from: 'Ada', to: 'Engine', relationType: 'wrote about' };
const graph = 'memory://knowledge-graph';

export const memory: Script = {
  server: 'memory',
  program: 'server-memory/dist/index.js',
  env: (folder) => ({ MEMORY_FILE_PATH: `${folder}/memory.jsonl` }),
  steps: () => [
    call('read_graph'),
    ask('tools/list'),
    ask('resources/list'),
    ask('resources/read', { uri: graph }),
    ask('resources/subscribe', { uri: graph }),
    call('create_entities', { entities: [ada, engine] }, { others: 1 }),
    call('create_entities', { entities: [{ name: 'half' }] }),
    call('create_relations', { relations: [wrote, wrote] }, { others: 1 }),
    call(
      'add_observations',
      { observations: [{ entityName: 'Ada', contents: ['born 1815', 'born 1815'] }] },
      { others: 1 },
    ),
    call('add_observations', { observations: [{ entityName: 'Nobody', contents: ['x'] }] }),
    call('search_nodes', { query: 'notes' }),
    call('open_nodes', { names: ['Ada', 'Nobody'] }),
    call('read_graph'),
    ask('resources/read', { uri: graph }),
    call(
      'delete_observations',
      { deletions: [{ entityName: 'Ada', observations: ['born 1815'] }] },
      { others: 1 },
    ),
    call('delete_relations', { relations: [wrote] }, { others: 1 }),
    call('delete_entities', { entityNames: ['Engine'] }, { others: 1 }),
    ask('resources/unsubscribe', { uri: graph }),
    call('delete_entities', { entityNames: ['Ada'] }),
    call('read_graph'),
    ask('resources/read', { uri: 'memory://elsewhere' }),
  ],
};
