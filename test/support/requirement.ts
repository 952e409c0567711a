import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'vitest';

/**
 * Chooses how to run a test that needs something of the machine.
 *
 * @param missing a sentence that names the missing thing and how to get it; undefined if nothing is missing
 * @returns vitest's `test` if nothing is missing; under CI a test that fails with the sentence; elsewhere a skipped
 *   test with the sentence in its name, so that the skip is visible
 */
export function requireOrSkip(
  missing: string | undefined,
): (name: string, run: () => unknown, timeout?: number) => void {
  if (missing === undefined) return (name, run, timeout) => test(name, run as () => Promise<void>, timeout);
  if (process.env.CI === 'true') {
    return (name) =>
      test(name, () => {
        throw new Error(`cannot run under CI: ${missing}`);
      });
  }
  return (name) => test.skip(`${name} – SKIPPED: ${missing}`, () => {});
}

/** The path of a program that is in PATH; undefined if there is none. */
export function findInPath(name: string): string | undefined {
  return (process.env.PATH ?? '')
    .split(':')
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path));
}
