import { ask, call, type Script } from '../steps.ts';

const GIF = Buffer.from('R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw==', 'base64');

export const filesystem: Script = {
  server: 'filesystem',
  program: 'server-filesystem/dist/index.js',
  args: (folder) => [folder],
  files: {
    'one.txt': 'first\nsecond\nthird – ünï\n',
    'two.txt': 'zwei\n',
    'dot.gif': GIF,
    'deep/er/note.md': '# Note\n',
  },
  steps: (folder) => [
    call('list_allowed_directories', {}, { others: 1 }),
    ask('tools/list'),
    call('read_file', { path: `${folder}/one.txt` }),
    call('read_text_file', { path: `${folder}/one.txt`, head: 1 }),
    call('read_text_file', { path: `${folder}/one.txt`, tail: 1 }),
    call('read_text_file', { path: `${folder}/one.txt`, head: 1, tail: 1 }),
    call('read_text_file', { path: `${folder}/none.txt` }),
    call('read_text_file', { path: '/etc/passwd' }),
    call('read_text_file', {}),
    call('read_media_file', { path: `${folder}/dot.gif` }),
    call('read_multiple_files', { paths: [`${folder}/one.txt`, `${folder}/none.txt`] }),
    call('list_directory', { path: folder }),
    call('list_directory_with_sizes', { path: folder, sortBy: 'size' }),
    call('directory_tree', { path: folder, excludePatterns: ['*.gif'] }),
    call('search_files', { path: folder, pattern: '**/*.md' }),
    call('get_file_info', { path: `${folder}/one.txt` }),
    call('create_directory', { path: `${folder}/made/here` }),
    call('write_file', { path: `${folder}/made/new.txt`, content: 'new "text"\n' }),
    call('edit_file', {
      path: `${folder}/made/new.txt`,
      edits: [{ oldText: 'new', newText: 'old' }],
      dryRun: true,
    }),
    call('edit_file', { path: `${folder}/made/new.txt`, edits: [{ oldText: 'new', newText: 'old' }] }),
    call('edit_file', { path: `${folder}/made/new.txt`, edits: [{ oldText: 'absent', newText: 'x' }] }),
    call('move_file', { source: `${folder}/made/new.txt`, destination: `${folder}/made/moved.txt` }),
    call('read_text_file', { path: `${folder}/made/moved.txt` }),
    call('move_file', { source: `${folder}/made/new.txt`, destination: `${folder}/made/again.txt` }),
    ask('x/unknown'),
  ],
};
