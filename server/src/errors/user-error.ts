/**
 * What the user has asked for cannot be done, and the user can do something about it: `message` is a sentence for the user that says what.
 * Any other error is a defect of the program, and its stack belongs in the log.
 */
export class UserError extends Error {
  override readonly name: string = 'UserError';
}

/** Whether `message` is a sentence for the user, so that nothing else of the error need be shown. */
export function isForUser(error: unknown): error is UserError {
  return error instanceof UserError;
}
