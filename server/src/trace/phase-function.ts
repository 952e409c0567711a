/** The phase of a run of a command with the installed image. */
export const RUNTIME_PHASE = 'runtime';

/** The name of a phase in a chain of programs: the function that it calls (PMS 9.1), or "the command" for {@link RUNTIME_PHASE}. */
export function phaseFunction(phase: string): string {
  if (phase === RUNTIME_PHASE) return 'the command';
  return `${phase === 'setup' ? 'pkg' : 'src'}_${phase}`;
}
