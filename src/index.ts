/** Placet's public API, for the authors of guarded tools. */
export { defineTool } from './toolkit/define.ts';
export { secret } from './toolkit/secret.ts';
export type {
  ObjectSchema,
  Tool,
  ToolContent,
  ToolContext,
  ToolResult,
  ToolSpec,
} from './toolkit/define.ts';
export { PlacetError } from './core/errors.ts';
