import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'vitest';

/**
 * Chooses how a test runs that needs something of the machine.
 *
 * @param missing a sentence that names what is missing and how to get it, or undefined when everything is there
 * @returns vitest's `test` when nothing is missing; under CI a test that fails with the sentence; elsewhere one that is skipped,
 *   with the sentence in its name so that the skip is loud
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

/** The path of a program that is in PATH, or undefined. */
export function findInPath(name: string): string | undefined {
  return (process.env.PATH ?? '')
    .split(':')
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path));
}
