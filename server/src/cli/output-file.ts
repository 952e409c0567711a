import { accessSync, constants, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { UserError } from '../errors/user-error.ts';
import { replaceFile } from '../files/replace-file.ts';

/** Writes the output of a command to a file, in one step where it is no device. @throws UserError */
export function writeOutput(path: string, content: string | Uint8Array): void {
  try {
    if (path.startsWith('/dev/')) writeFileSync(path, content);
    else replaceFile(path, content);
  } catch (error) {
    throw describeRefusal(path, error);
  }
}

/** Fails before the work of a command, and not after hours. @throws UserError if the file could not be written */
export function demandOutput(path: string): void {
  try {
    accessSync(path.startsWith('/dev/') ? path : dirname(path), constants.W_OK);
  } catch (error) {
    throw describeRefusal(path, error);
  }
}

function describeRefusal(path: string, error: unknown): UserError {
  return new UserError(
    `${path} cannot be written (${(error as NodeJS.ErrnoException).code}): name a file in a folder that you may write to.`,
    { cause: error },
  );
}
