import { showLine } from './visible-text.ts';

/**
 * An error that the user can do something about: `message` is a sentence that says what, with every character visible, because it may
 * contain names from anywhere. Any other error is a defect of the program, and its stack belongs in the log.
 */
export class UserError extends Error {
  override readonly name: string = 'UserError';

  constructor(sentence: string, options?: ErrorOptions) {
    super(showLine(sentence), options);
  }
}

/** Whether `message` is a sentence for the user, so that the rest of the error need not be shown. */
export function isForUser(error: unknown): error is UserError {
  return error instanceof UserError;
}
