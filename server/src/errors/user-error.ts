/**
 * An error that the user can do something about: `message` is a sentence that says what. Any other error is a defect
 * of the program, and its stack belongs in the log.
 */
export class UserError extends Error {
  override readonly name: string = 'UserError';
}

/** Whether `message` is a sentence for the user, so that the rest of the error need not be shown. */
export function isForUser(error: unknown): error is UserError {
  return error instanceof UserError;
}
