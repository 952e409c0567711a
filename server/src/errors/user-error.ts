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
  /** See {@link Reach}. */
  readonly reach: Reach;

  constructor(sentence: string, options?: UserErrorOptions) {
    super(showLine(sentence), options);
    this.mend = options?.mend;
    this.reach = options?.reach ?? (this.mend === undefined ? 'same' : 'all');
  }
}

/**
 * What else meets the error. `passing`: perhaps nothing, because the same may succeed a moment later. `same`: the same again. `all`:
 * everything of its kind, such as the trial of every other ebuild, until the user mends something.
 */
export type Reach = 'passing' | 'same' | 'all';

interface UserErrorOptions extends ErrorOptions {
  readonly mend?: Mend;
  /** Absent: `all` for an error with a `mend`, otherwise `same`. */
  readonly reach?: Reach;
}

/** Whether `message` is a sentence for the user, so that the rest of the error need not be shown. */
export function isForUser(error: unknown): error is UserError {
  return error instanceof UserError;
}
