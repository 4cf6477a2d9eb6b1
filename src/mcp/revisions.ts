/**
 * Revisions of MCP that are spoken here, newest first: those of the SDK, whose own list costs a fifth of a second and
 * 17 MB to load. A test compares them.
 */
export const REVISIONS: readonly string[] = [
  '2025-11-25',
  '2025-06-18',
  '2025-03-26',
  '2024-11-05',
  '2024-10-07',
];

export const LATEST_REVISION = '2025-11-25';
