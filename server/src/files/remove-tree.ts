import { spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';

/**
 * Removes a tree that a build has made, even with unreadable folders, or folders too deep for a path, which only programs that walk by
 * descriptors can remove. Links are not followed, and a tree that is gone already is no error.
 *
 * Programs do it, because a million files would block this process. They finish their work even if this process ends before.
 *
 * @throws an Error if something is left
 */
export async function removeTree(path: string): Promise<void> {
  const remove = ['rm', '-rf', '--', path] as const;
  if (await passes(remove)) return;
  await passes(['chmod', '-R', 'u+rwx', '--', path]);
  if (await passes(remove)) return;
  // There may be no process left for a program.
  await rm(path, { recursive: true, force: true });
}

/** Runs a program in a session of its own, so that it does not get the Ctrl-C of a terminal. @returns whether it succeeded */
function passes([program, ...words]: readonly [string, ...string[]]): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(program, words, { stdio: 'ignore', detached: true });
    child.once('error', () => resolve(false));
    child.once('close', (status) => resolve(status === 0));
  });
}
