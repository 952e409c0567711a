/** Trials on Gentoo before and after merges by the system's own Portage. */
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { type Account, LARRY, ROOT } from '../../scripts/gentoo-machine/enter-machine.ts';
import {
  type GentooMachine,
  MACHINE_TIMEOUT,
  missingForMachine,
  openGentooMachine,
} from '../support/gentoo-machine.ts';
import { requireOrSkip } from '../support/requirement.ts';
import { COUNTER } from './counter.ts';

const can = requireOrSkip(missingForMachine);
const FILE = 'overlay/dev-test/counter/counter-1.ebuild';
const LOGS = 'home/larry/.cache/ebuild-audit/logs';

let machine: GentooMachine;
beforeAll(async () => {
  if (missingForMachine !== undefined) return;
  machine = openGentooMachine();
  machine.repository(LARRY, 'overlay', { 'dev-test/counter/counter-1.ebuild': COUNTER }, ['dev-libs/tally']);
}, MACHINE_TIMEOUT);
afterAll(() => machine?.remove(), MACHINE_TIMEOUT);

async function run(account: Account, command: string): Promise<string> {
  const { status, stdout, stderr } = await machine.run(account, ['/bin/sh', '-ec', command]);
  expect(status, stdout + stderr).toBe(0);
  return stdout;
}

/** Edits a comment, so that no record answers, and runs a trial. @returns each step, and whether it was taken over */
async function tryAgain(comment: string): Promise<readonly (readonly [steps: string, isReused: boolean])[]> {
  writeFileSync(join(machine.folder, LARRY.home, FILE), `# ${comment}\n${COUNTER}`);
  await run(LARRY, `ebuild-audit trial --quick ${FILE}`);
  const logs = join(machine.folder, LOGS);
  const newest = readdirSync(logs, { recursive: true, encoding: 'utf8' })
    .map((name) => join(logs, name))
    .filter((path) => statSync(path).isFile())
    .sort((left, right) => statSync(right).mtimeMs - statSync(left).mtimeMs)[0];
  const lines = readFileSync(newest ?? '', 'utf8').match(/^=== trial build: .*$/gm) ?? [];
  return lines.map((line) => [
    line.replace(/^=== trial build: | reused from a snapshot$/g, ''),
    line.endsWith('reused from a snapshot'),
  ]);
}

can(
  'emerge of what no step touched runs no step again, and emerge of what one touched runs it and those after it',
  async () => {
    const first = await tryAgain('first');
    expect(first.length).toBeGreaterThan(0);
    expect(first.filter(([, isReused]) => isReused)).toEqual([]);
    const taken = first.map(([steps]) => [steps, true]);
    await run(ROOT, 'emerge --quiet --unmerge app-misc/tally-tools');
    expect(await tryAgain('unmerged')).toEqual(taken);
    await run(ROOT, 'emerge --quiet --usepkgonly app-misc/tally-tools');
    expect(await tryAgain('merged')).toEqual(taken);
    await run(ROOT, 'emerge --quiet --usepkgonly dev-libs/tally');
    const again = await tryAgain('a library was merged');
    expect(again.filter(([, isReused]) => !isReused).map(([steps]) => steps)).toContain(first.at(-1)?.[0]);
    expect(again.map(([steps]) => steps)).toEqual(first.map(([steps]) => steps));
  },
  MACHINE_TIMEOUT,
);
