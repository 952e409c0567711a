import { UserError } from '../errors/user-error.ts';

/** What is used up, by the code of the system's error (errno(3)). */
const EXHAUSTED: Readonly<Record<string, string>> = {
  EMFILE:
    'This process may not open more files: raise the limit with "ulimit -n 1024", or run fewer trials at once.',
  ENFILE: 'This machine has no file descriptors left: close programs, or raise the sysctl fs.file-max.',
  ENOMEM: 'There is not enough memory: close programs, or raise the limit that "ulimit -v" shows.',
  EAGAIN: 'No process or thread can be started: close programs, or raise the limit that "ulimit -u" shows.',
};

/**
 * The error for something of this machine that is used up. Such an error says nothing about the file that was being read, so it must never
 * be taken for a missing file: an answer that lacks files would be wrong.
 *
 * @returns undefined if the error has another cause
 */
export function exhaustionOf(error: unknown): UserError | undefined {
  const sentence = EXHAUSTED[(error as NodeJS.ErrnoException | undefined)?.code ?? ''];
  return sentence === undefined ? undefined : new UserError(sentence, { cause: error, reach: 'passing' });
}

/** Throws {@link exhaustionOf} an error, if there is one. For readers that take an unreadable file for a missing one. */
export function throwIfExhausted(error: unknown): void {
  const exhaustion = exhaustionOf(error);
  if (exhaustion !== undefined) throw exhaustion;
}
