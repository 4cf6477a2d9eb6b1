/** The Go compiler, which Debian keeps out of PATH; nothing where there is none. */
export function goProgram(): string | undefined;
/** What runs `script` in `sh` with a small file system at /mnt, which nobody else sees and which ends with it. */
export function withTmpfs(script: string, size?: string): [string, ...string[]];
