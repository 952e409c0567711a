import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openToOthers } from '../../scripts/open-to-others.ts';
import { createBashParser } from '../../server/src/ebuild/bash-parser.ts';
import type { EbuildFacts } from '../../server/src/ebuild/ebuild-facts.ts';
import { parseEbuild } from '../../server/src/ebuild/facts.ts';
import type { TrialRunner } from '../../server/src/trial/trial.ts';
import type { TrialPlace } from '../../server/src/trial/trial-place.ts';
import { createTrialRunner } from '../../server/src/trial/trial-runner.ts';
import { printQuartiles } from './quartiles.ts';
import type { BenchFolder } from './state-folder.ts';

/** Copies the examples to where every user can read them. @returns the path of the copy */
export function copyExamples(folder: BenchFolder): string {
  const overlay = join(folder.path, 'examples');
  cpSync('examples', overlay, { recursive: true });
  openToOthers(overlay);
  return overlay;
}

/**
 * Makes what runs trials with the state folder of this process.
 *
 * @param place where they are run; absent: here
 */
export async function createRunner(place?: TrialPlace): Promise<TrialRunner> {
  const settings = { root: '', packageManager: 'auto', buildJobs: 0, bwrap: '' } as const;
  return createTrialRunner(settings, await createReader(), console.error, undefined, place);
}

/** @param times in milliseconds */
export const inSeconds = (times: readonly number[]): string =>
  `${printQuartiles(
    times.map((time) => time / 1000),
    2,
  )} s`;

async function createReader(): Promise<(text: string) => EbuildFacts> {
  const [runtime, bash] = [
    'node_modules/web-tree-sitter/web-tree-sitter.wasm',
    'grammars/tree-sitter-bash.wasm',
  ] as const;
  const parser = await createBashParser(readFileSync(runtime), readFileSync(bash));
  return (text) => parseEbuild(text, parser);
}

/** Runs a trial of a text in the place of a file; throws an Error if the build fails. */
export async function runTrial(
  runner: TrialRunner,
  file: string,
  text: string,
  how: { readonly fresh?: boolean; readonly quick?: boolean } = {},
): Promise<void> {
  const record = await runner.run({ file, text, ...how }, { progress: () => {}, record: () => {} });
  if (record.outcome !== 'passed')
    throw new Error(`The trial of ${file} ${record.outcome}, see ${record.log}.`);
}
