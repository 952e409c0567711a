/** Exit codes of the commands, documented in docs/command-line.md. */
export const CLEAN = 0;
export const FINDINGS = 1;
export const COULD_NOT_RUN = 2;
