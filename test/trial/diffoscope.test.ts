import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import type { ExactDifference } from '../../server/src/image/exact-differences.ts';
import { explainDifferences } from '../../server/src/trial/reproduction/diffoscope.ts';
import { requireOrSkip } from '../support/requirement.ts';
import { createWorld, missingForTrials } from '../support/world.ts';

const can = requireOrSkip(missingForTrials());
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ebuild-audit-diffoscope-'));
  chmodSync(folder, 0o755);
  for (const name of ['first', 'second', 'staging']) mkdirSync(join(folder, name));
  for (const [path, text] of [
    ['first/same', 'a\n'],
    ['second/same', 'a\n'],
    ['first/file', 'a\nb\n'],
    ['second/file', 'a\nc\n'],
    ['secret', 'of the user\n'],
  ] as const)
    writeFileSync(join(folder, path), text);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Explains with a stand-in that is called as diffoscope is. */
async function explain(script: string, differences: readonly ExactDifference[]) {
  const program = join(folder, 'program');
  writeFileSync(program, `#!/bin/sh\n${script}\n`);
  chmodSync(program, 0o755);
  const { sandbox } = await createWorld();
  return explainDifferences(differences, {
    sandbox,
    program,
    staging: join(folder, 'staging'),
    images: [join(folder, 'first'), join(folder, 'second')],
  });
}

const bytes = (path: string): ExactDifference => ({ path, kind: 'bytes', isNoise: false });
// Both names come last.
const DIFF =
  'shift 5; echo "--- $1"; echo "+++ $2"; diff -U0 --label x --label y "$1" "$2" | tail -n +3; exit 1';

can(
  'what differs in a file is explained, and nothing else is asked for',
  async () => {
    const others: ExactDifference[] = [
      { ...bytes('/same'), isNoise: true },
      { path: '/mode', kind: 'mode' },
    ];
    expect(await explain(DIFF, [bytes('/file'), ...others])).toEqual([
      { ...bytes('/file'), explanation: '@@ -2 +2 @@\n-b\n+c' },
      ...others,
    ]);
  },
  120_000,
);

can(
  'the program sees neither the files of the user nor a network, and writes nothing',
  async () => {
    const look = `cat ${join(folder, 'secret')} ; echo new > /first/new ; echo 'links:' $(ls /sys/class/net 2>&1 | head -n 1); exit 1`;
    const [found] = await explain(look, [bytes('/file')]);
    expect(found?.explanation).toMatch(/No such file or directory/);
    expect(found?.explanation).toMatch(/[Rr]ead-only file system|cannot create \/first\/new/);
    expect(found?.explanation).not.toContain('of the user');
  },
  120_000,
);

for (const [what, script] of [
  ['says nothing', 'exit 1'],
  ['fails', 'echo "Traceback"; exit 2'],
  ['is killed', 'kill -9 $$'],
] as const)
  can(
    `a program that ${what} leaves the difference as it is`,
    async () => {
      expect(await explain(script, [bytes('/file')])).toEqual([bytes('/file')]);
    },
    120_000,
  );
