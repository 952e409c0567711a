import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildNativeHelper } from '../scripts/native-helper.ts';
import type { TrialRecord } from '../server/src/audit/record.ts';
import type { BashParser } from '../server/src/ebuild/bash-parser.ts';
import { parseEbuild } from '../server/src/ebuild/facts.ts';
import { createTrialRunner } from '../server/src/trial/trial-runner.ts';

/** An example that declares too little, so that its record has needs with evidence. */
const EXAMPLE = 'media-gfx/pngcrush/pngcrush-1.8.13-r1.ebuild';

/**
 * Returns the record of a real trial of an example: the stored one if its inputs have not changed, otherwise that of a new trial.
 *
 * @throws UserError if `npm run set-up` has not been run
 */
export async function findRealRecord(parser: BashParser): Promise<TrialRecord> {
  // The program looks for its helper beside the folder of this bundle.
  await buildNativeHelper('out');
  const folder = mkdtempSync(join(tmpdir(), 'bench-example-'));
  try {
    const overlay = join(folder, 'examples');
    cpSync('examples', overlay, { recursive: true });
    // When root starts a trial, an unprivileged user builds, and a checkout may be closed to others.
    chmodSync(folder, 0o755);
    execFileSync('chmod', ['-R', 'a+rX', overlay]);
    const settings = { root: '', packageManager: 'auto', buildJobs: 0, bwrap: '' } as const;
    const runner = createTrialRunner(settings, (text) => parseEbuild(text, parser), console.error);
    const file = join(overlay, EXAMPLE);
    const request = { file, text: readFileSync(file, 'utf8') };
    return await runner.run(request, { progress: () => {}, record: () => {} });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
