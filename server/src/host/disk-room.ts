import { statfsSync } from 'node:fs';
import { UserError } from '../errors/user-error.ts';
import { SandboxError } from '../sandbox/sandbox.ts';
import { findFullDisk } from './output-text.ts';

/** Runs a function that writes to the state folder, and turns errors about a full disk or a missing permission into messages. */
export function guardDisk<T>(write: () => T): T {
  try {
    return write();
  } catch (error) {
    throw diskError(error as NodeJS.ErrnoException);
  }
}

/** The same for a function that takes its time. */
export async function guardDiskOf<T>(write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    throw diskError(error as NodeJS.ErrnoException);
  }
}

/** Free space below which a failed build has failed for lack of space, whatever its output says. */
const NO_ROOM_BYTES = 128 * 1024;
/** Free space above which a full disk in the output of src_test was provoked by a test. */
const LITTLE_ROOM_BYTES = 64 * 1024 * 1024;

/** The part of a build's outcome that shows whether the disk was full. */
interface FailedBuild {
  readonly passed: boolean;
  readonly failure: { readonly phase: string; readonly firstError: string } | undefined;
}

/** Finds the words in which a failed build reported a full disk; undefined if the disk was not the reason. */
export function findFullDiskOf(outcome: FailedBuild, output: string, work: string): string | undefined {
  if (outcome.passed) return undefined;
  const { bavail, bsize } = statfsSync(work);
  const room = bavail * bsize;
  const words = findFullDisk(output);
  if (room < NO_ROOM_BYTES) return words ?? outcome.failure?.firstError;
  return outcome.failure?.phase === 'test' && room > LITTLE_ROOM_BYTES ? undefined : words;
}

/**
 * Throws if a disk is full: a step that passed may have failed to write in a place where nobody looked.
 *
 * @param folder on that disk
 * @throws SandboxError
 */
export function throwIfNoRoom(folder: string): void {
  const { bavail, bsize } = statfsSync(folder);
  if (bavail * bsize < NO_ROOM_BYTES) throw noRoom(folder);
}

/** @param where the program's own words about the full disk, or a path */
export function noRoom(where: string, cause?: unknown): SandboxError {
  return new SandboxError(
    'disk-full',
    `The disk is full (${where}): free some space, or set EBUILD_AUDIT_HOME to a folder on a larger disk.`,
    { cause },
  );
}

/** Makes the message for an error of writing; returns any other error unchanged. */
export function diskError(error: NodeJS.ErrnoException): Error {
  if (error.code === 'ENOSPC' || error.code === 'EDQUOT') {
    return noRoom(error.path ?? 'build log', error);
  }
  if (error.code === 'EACCES' || error.code === 'EROFS') {
    return new UserError(
      `${error.path ?? 'The state folder'} cannot be written: set EBUILD_AUDIT_HOME to a folder that you may write to.`,
      { cause: error, reach: 'all' },
    );
  }
  return error;
}
