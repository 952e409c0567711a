import type { Mend } from './limit.ts';
import { showLine } from './visible-text.ts';

/**
 * An error that the user can do something about: `message` is a sentence that says what, with every character visible, because it may
 * contain names from anywhere. Any other error is a defect of the program, and its stack belongs in the log.
 */
export class UserError extends Error {
  override readonly name: string = 'UserError';
  /** Where the user mends what is wrong. It is there only if neither an ebuild nor chance is to blame. */
  readonly mend: Mend | undefined;

  constructor(sentence: string, options?: UserErrorOptions) {
    super(showLine(sentence), options);
    this.mend = options?.mend;
  }
}

interface UserErrorOptions extends ErrorOptions {
  readonly mend?: Mend;
}

/** Whether `message` is a sentence for the user, so that the rest of the error need not be shown. */
export function isForUser(error: unknown): error is UserError {
  return error instanceof UserError;
}
