/** The command line that runs the conformance suite, installed where it is not yet; nothing where it cannot be. */
export function conformanceSuite(): [program: string, script: string] | undefined;
