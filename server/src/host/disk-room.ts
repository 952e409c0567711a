import { statfsSync } from 'node:fs';
import { UserError } from '../errors/user-error.ts';
import { SandboxError } from '../sandbox/sandbox.ts';
import { findFullDisk } from './output-text.ts';

/** Runs what writes to the state folder; a full disk and a folder that is closed become sentences for the user. */
export function guardDisk<T>(write: () => T): T {
  try {
    return write();
  } catch (error) {
    throw diskError(error as NodeJS.ErrnoException);
  }
}

/** Below this a build that failed has failed for want of room, whatever it says. */
const NO_ROOM_BYTES = 128 * 1024;
/** Tests provoke full disks; below this it is believed that one was real. */
const LITTLE_ROOM_BYTES = 64 * 1024 * 1024;

/** What of a build tells whether it failed for want of room. */
interface FailedBuild {
  readonly passed: boolean;
  readonly failure: { readonly phase: string; readonly firstError: string } | undefined;
}

/** How a failed build met a full disk, or undefined when it did not. */
export function findFullDiskOf(outcome: FailedBuild, output: string, work: string): string | undefined {
  if (outcome.passed) return undefined;
  const { bavail, bsize } = statfsSync(work);
  const room = bavail * bsize;
  const words = findFullDisk(output);
  if (room < NO_ROOM_BYTES) return words ?? outcome.failure?.firstError;
  return outcome.failure?.phase === 'test' && room > LITTLE_ROOM_BYTES ? undefined : words;
}

/** @param where what met the full disk, in its own words or as a path */
export function noRoom(where: string, cause?: unknown): SandboxError {
  return new SandboxError(
    'disk-full',
    `The disk is full (${where}): free some space, or set EBUILD_AUDIT_HOME to a folder on a larger disk.`,
    { cause },
  );
}

/** The sentence for an error of writing; any other error is given back as it is. */
export function diskError(error: NodeJS.ErrnoException): Error {
  if (error.code === 'ENOSPC' || error.code === 'EDQUOT') {
    return noRoom(error.path ?? 'build log', error);
  }
  if (error.code === 'EACCES' || error.code === 'EROFS') {
    return new UserError(
      `${error.path ?? 'The state folder'} cannot be written: set EBUILD_AUDIT_HOME to a folder that you may write to.`,
      { cause: error },
    );
  }
  return error;
}
