import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect } from 'vitest';
import { writeRepository } from '../../support/ebuild-files.ts';
import { requireOrSkip } from '../../support/requirement.ts';
import { isLong, managers } from '../../support/user.ts';
import { missingForTrials } from '../../support/world.ts';
import { ALL, EBUILD, EBUILD_PATH, runSteps } from './steps-trial.ts';

let home: string;
let file: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'ebuild-audit-resume-'));
  // The builds of root run as an unprivileged user.
  chmodSync(home, 0o755);
  file = join(home, 'steps', EBUILD_PATH);
  writeRepository(join(home, 'steps'), { [EBUILD_PATH]: EBUILD });
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

/** Runs a trial of a text in the state folder of this test. */
const run = (...[text, more]: [text: string, more?: Parameters<typeof runSteps>[2]]) =>
  runSteps(home, text, more);

const declaring = (text: string, ...lines: string[]) =>
  text.replace('\nsrc_unpack', `\n${lines.join('\n')}\n\nsrc_unpack`);
const snapshots = () =>
  existsSync(join(home, 'snapshots'))
    ? readdirSync(join(home, 'snapshots')).map((name) => join(home, 'snapshots', name))
    : [];

describe('a second trial', () => {
  const test = requireOrSkip(missingForTrials());

  test('runs no step that would run as before', async () => {
    const first = await run(EBUILD);
    expect([first.record.outcome, first.ran]).toEqual(['passed', ALL]);
    const second = await run(EBUILD);
    expect(second.ran).toEqual([]);
    expect(second.record).toEqual(first.record);
    expect((await run(EBUILD, { fresh: true })).ran).toEqual(ALL);
  }, 120_000);

  test('begins with the first step that asked for a newly declared package', async () => {
    await run(EBUILD);
    expect((await run(declaring(EBUILD, 'RDEPEND="app-misc/jq"'))).ran).toEqual([]);
    // The package manager's own Python loads it in every phase, so it was visible before.
    expect((await run(declaring(EBUILD, 'DEPEND="dev-libs/openssl"'))).ran).toEqual([]);
    expect((await run(declaring(EBUILD, 'DEPEND="media-libs/libpng"'))).ran).toEqual(['compile', 'install']);
    expect((await run(declaring(EBUILD, 'DEPEND="dev-db/sqlite"'))).ran).toEqual([
      'configure',
      'compile',
      'install',
    ]);
    // And back again.
    expect((await run(EBUILD)).ran).toEqual([]);
  }, 180_000);

  test('builds every step after an edit of what all of them may see', async () => {
    await run(EBUILD);
    expect((await run(EBUILD.replace('MADE_IN_UNPACK=kept', 'MADE_IN_UNPACK="kept"'))).ran).toEqual(ALL);
    expect((await run(`${EBUILD}helper() { src_compile; }\n`)).ran).toEqual(ALL);
    mkdirSync(join(dirname(file), 'files'));
    writeFileSync(join(dirname(file), 'files/a.patch'), '');
    expect((await run(EBUILD)).ran).toEqual(ALL);
  }, 180_000);

  for (const manager of managers)
    requireOrSkip(missingForTrials(manager))(
      `begins with the step whose function was edited, by ${manager}`,
      async () => {
        const edits: readonly (readonly [from: string, to: string, ran: readonly string[]])[] = [
          [
            'doins state; }',
            'doins state; echo installed again >> state; newins state again; }',
            ['install'],
          ],
          ['echo compiled', 'echo built', ['compile', 'install']],
          ['echo configured', 'echo set up', ['configure', 'compile', 'install']],
          ['DESCRIPTION="A test"', '# What it is.\nDESCRIPTION="A test"', []],
          ['DESCRIPTION="A test"', 'DESCRIPTION="Another test"', []],
          ['KEYWORDS="~amd64"', 'KEYWORDS="~amd64 ~arm64"', []],
          [
            'newins state again',
            'grep -qx built state && grep -qx "set up" state || die "old functions"; newins state again',
            ['install'],
          ],
          ['S="${WORKDIR}"\n', 'S="${WORKDIR}"\nPATCHES=()\n', ALL],
        ];
        let text = EBUILD;
        await run(text, { manager });
        // Both take the functions over in the same way.
        for (const [from, to, ran] of manager === 'portage' ? edits : edits.slice(0, 2)) {
          expect(text).toContain(from);
          text = text.replace(from, to);
          const done = await run(text, { manager });
          // pkgcore is given all phases of a step, and Portage the last.
          const steps = done.ran.map((phases) => phases.split(',').at(-1));
          expect([to, done.record.outcome, steps]).toEqual([to, 'passed', ran]);
        }
        // What was put together from steps of different texts is what the last text makes.
        const { record } = await run(text, { manager });
        expect(record).toEqual((await run(text, { manager, fresh: true })).record);
      },
      180_000,
    );

  test('of an ebuild that only installs starts the package manager once', async () => {
    const bare = EBUILD.replace(/\nsrc_unpack[\s\S]*(?=\nsrc_install)/, '').replace(
      'doins state',
      'newins - first <<< "$(declare -f src_install)"',
    );
    const first = await run(bare);
    expect([first.record.outcome, first.ran]).toEqual(['passed', ['install']]);
    const edited = bare.replace('- first', '- second');
    const second = await run(edited);
    expect([second.record.outcome, second.ran]).toEqual(['passed', ['install']]);
    expect(second.record).toEqual((await run(edited, { fresh: true })).record);
    expect(second.record).not.toEqual(first.record);
  }, 60_000);

  test('takes nothing over from a text whose dependencies run code', async () => {
    const PLANTS =
      'DEPEND="$(d=/var/ebuild-audit-work/portage/dev-test/steps-1/work/inc; [[ -d ${d%/inc} ]] && mkdir -p $d && echo planted > $d/it)"';
    const asks = EBUILD.replace('echo compiled', '[[ -e inc/it ]] && echo planted >> state; echo compiled');
    await run(declaring(asks, PLANTS));
    expect((await run(asks)).ran).toEqual(ALL);
  }, 180_000);

  test('reports the same as a trial from the beginning', async () => {
    const lacking = EBUILD.replace(
      'echo compiled',
      '[[ -e /usr/include/png.h ]] || die "png.h is missing"; echo compiled',
    );
    const first = await run(lacking);
    expect(first.ran).toEqual(['prepare', 'configure', 'compile', 'compile', 'install']);
    expect(first.record.needs.map(({ variable, atom, certainty }) => [variable, atom, certainty])).toEqual([
      ['DEPEND', 'media-libs/libpng', 'proven'],
    ]);
    const fixed = declaring(lacking, 'DEPEND="media-libs/libpng"');
    // The first trial built the same steps in order to prove the need.
    const resumed = await run(fixed);
    expect(resumed.ran).toEqual([]);
    const scratch = await run(fixed, { fresh: true });
    expect(scratch.ran).toEqual(ALL);
    expect(resumed.record).toEqual(scratch.record);
  }, 180_000);

  const rarely = isLong ? test : () => {};
  rarely(
    'runs a step again if its snapshot is damaged',
    async () => {
      await run(EBUILD);
      for (const path of snapshots()) truncateSync(join(path, 'manifest'), 200);
      const again = await run(EBUILD);
      expect([again.record.outcome, again.ran]).toEqual(['passed', ALL]);
      expect((await run(EBUILD)).ran).toEqual([]);
    },
    120_000,
  );

  rarely(
    'keeps no more snapshots than the limit allows',
    async () => {
      await run(EBUILD, { world: { snapshotBytes: 1 } });
      expect(snapshots()).toEqual([]);
      await run(EBUILD, { world: { snapshotBytes: 0 } });
      expect(existsSync(join(home, 'snapshots')) && snapshots().length).toBeFalsy();
      expect((await run(EBUILD)).ran).toEqual(ALL);
    },
    120_000,
  );

  test('may run while the first one does', async () => {
    const [first, second] = await Promise.all([run(EBUILD), run(EBUILD)]);
    expect(first.record).toEqual(second.record);
    expect(snapshots()).toHaveLength(4);
    for (const path of snapshots()) expect(readdirSync(join(path, 'leases'))).toEqual([]);
    expect((await run(EBUILD)).ran).toEqual([]);
  }, 120_000);
});

describe('with pkgcore', () => {
  const test = requireOrSkip(missingForTrials('pkgcore'));
  test('a trial resumes as well', async () => {
    const manager = 'pkgcore';
    const first = await run(EBUILD, { manager });
    expect([first.record.outcome, first.ran]).toEqual([
      'passed',
      ['setup,unpack,prepare', 'configure', 'compile', 'install'],
    ]);
    const resumed = await run(declaring(EBUILD, 'DEPEND="media-libs/libpng"'), { manager });
    expect([resumed.record.outcome, resumed.ran]).toEqual(['passed', ['compile', 'install']]);
  }, 180_000);
});

describe('a build that does not work in steps is made in one run', () => {
  const test = requireOrSkip(missingForTrials());
  test('a file in /tmp', async () => {
    const text = EBUILD.replace('echo configured', 'echo x > /tmp/note; echo configured').replace(
      'echo compiled',
      'cat /tmp/note >> state || die; echo compiled',
    );
    const done = await run(text);
    expect(done.ran).toEqual(['prepare', 'configure', 'compile', 'install']);
    expect(done.record).toMatchObject({ outcome: 'passed', needs: [] });
  }, 120_000);

  test('a folder of an earlier step that is renamed without a fallback', async () => {
    const rename = `python3 -c "import os; os.rename('folder', 'renamed')" || die "rename failed"`;
    const text = EBUILD.replace('echo prepared', 'mkdir folder; touch folder/file; echo prepared').replace(
      'echo compiled',
      `${rename}; [[ -e renamed/file ]] || die; echo compiled`,
    );
    const done = await run(text);
    expect(done.record.failure).toBeUndefined();
    expect(done.record.outcome).toBe('passed');
  }, 120_000);
});
