import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect } from 'vitest';
import { addUp, listDeviations } from '../../accuracy/report.ts';
import type { ProjectResult } from '../../accuracy/result.ts';
import { requireOrSkip } from '../support/requirement.ts';
import { missingForTrials, project } from '../support/world.ts';

describe('the short measure', () => {
  const test = requireOrSkip(missingForTrials());
  test('finds every atom, restores every ebuild, and says nothing wrong', async () => {
    await promisify(execFile)(process.execPath, ['scripts/run.mjs', '../accuracy/main', '--short'], {
      cwd: project,
      maxBuffer: 1 << 26,
    });
    const { results } = JSON.parse(readFileSync(join(project, 'out/accuracy-short.json'), 'utf8')) as {
      readonly results: ProjectResult[];
    };
    expect(listDeviations(results)).toEqual([]);
    const { projects, atoms, alarms, restored, automagic, unneeded, harmlessProbes } = addUp(results);
    expect([projects, alarms.wrong]).toEqual([2, 0]);
    expect([atoms.all, atoms.found]).toEqual([8, 8]);
    expect([restored.all, restored.exact]).toEqual([5, 5]);
    expect([automagic.all, automagic.told]).toEqual([1, 1]);
    expect([unneeded.all, unneeded.told]).toEqual([2, 2]);
    // The header of openssl that peek's configure script looks for and makes no use of.
    expect(harmlessProbes).toBeGreaterThan(0);
  }, 600_000);
});
