import { isForUser } from '../errors/user-error.ts';
import { showLine } from '../errors/visible-text.ts';
import { exhaustionOf } from '../files/exhaustion.ts';
import { diskError } from './disk-room.ts';

/** The variable with which a defect of this program is reported together with its stack. */
const STACK_VARIABLE = 'EBUILD_AUDIT_STACK';

/** The words of V8 and of Node for memory or address space that the system refuses. */
const NO_MEMORY = /WebAssembly|allocat|memory|Invalid (?:string|typed array|array buffer) length/i;

/**
 * Says in one sentence why something failed, whatever was thrown. A sentence for the user stays as it is. What the machine refused is told
 * apart from a defect of this program, which asks for a report.
 *
 * @param evidence what a report should have with it
 */
export function describeFailure(
  error: unknown,
  evidence = `the output of the same command under ${STACK_VARIABLE}=1`,
): string {
  if (isForUser(error)) return error.message;
  const known = exhaustionOf(error);
  if (known !== undefined) return known.message;
  if (error instanceof Error) {
    const isRefused =
      error instanceof RangeError || error.name === 'RuntimeError' || error.name === 'CompileError';
    if (isRefused && NO_MEMORY.test(error.message))
      return 'There is not enough address space or memory: raise the limit that "ulimit -v" shows, or close programs.';
    const disk = diskError(error);
    if (isForUser(disk)) return disk.message;
    const { code, syscall, path } = error as NodeJS.ErrnoException;
    if (syscall === 'uv_cwd') return 'The working directory no longer exists: change to another folder.';
    if (code !== undefined && syscall !== undefined)
      return showLine(
        `${path ?? `A system call (${syscall})`} cannot be used (${code}): it may have been removed meanwhile; try again.`,
      );
  }
  return `Ebuild Audit has a defect (${nameDefect(error)}): please report it with ${evidence}.`;
}

/** The stack of a defect, if the user has asked for it; otherwise undefined. */
export function stackOf(error: unknown): string | undefined {
  const asked = (process.env[STACK_VARIABLE] ?? '') !== '';
  return asked && !isForUser(error) && error instanceof Error ? (error as Error).stack : undefined;
}

/** A parser's message quotes its input, which may be a file that must not be shown. */
function nameDefect(error: unknown): string {
  if (!(error instanceof Error)) return 'no error';
  if (error instanceof SyntaxError || error.name === 'ZodError') return error.name;
  return showLine(`${error.name}: ${error.message}`)
    .replace(/[.\s]+$/, '')
    .slice(0, LONGEST_MESSAGE);
}

/** In characters, enough for one sentence. */
const LONGEST_MESSAGE = 300;
