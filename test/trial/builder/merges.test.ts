import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect } from 'vitest';
import { writeRepository } from '../../support/ebuild-files.ts';
import { requireOrSkip } from '../../support/requirement.ts';
import { copySmallRoot } from '../../support/small-root.ts';
import { managers } from '../../support/user.ts';
import { missingForTrials, root as practiceRoot } from '../../support/world.ts';
import { merge, unmerge, update } from './merged-root.ts';
import { ALL, EBUILD, EBUILD_PATH, runSteps } from './steps-trial.ts';

const isMissing = missingForTrials() ?? (practiceRoot === '/' ? 'the root is this machine' : undefined);

let home: string;
let root: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'ebuild-audit-merges-'));
  root = join(home, 'root');
  // The builds of root run as an unprivileged user.
  chmodSync(home, 0o755);
  writeRepository(join(home, 'steps'), { [EBUILD_PATH]: EBUILD });
  if (isMissing === undefined) copySmallRoot(practiceRoot, root, 'compiler');
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

/** Looks for a package that is merged later, asks for a third one, and has the second of the practice root. */
const TEXT = EBUILD.replace('sqlite3.h', 'wanted.h').replace(
  'doins state; }',
  'has_version app-misc/stranger && echo strange >> state; doins state; }',
);

const declaring = (text: string, line: string) => text.replace('\nsrc_unpack', `\n${line}\n\nsrc_unpack`);

/** The id of an installed package. */
const find = (name: string): string => {
  const [category = '', wanted = ''] = name.split('/');
  const found = readdirSync(join(root, 'var/db/pkg', category)).find((pf) => pf.startsWith(`${wanted}-`));
  return `${category}/${found}`;
};

describe('a trial after a merge', () => {
  for (const manager of managers)
    requireOrSkip(isMissing ?? missingForTrials(manager))(
      `runs the steps that the merged package may concern, and no others, with ${manager}`,
      async () => {
        const run = async (text = TEXT, fresh?: true) => {
          const absent = ['app-misc/stranger'];
          const more = { manager, world: { rootPath: root }, absent, ...(fresh && { fresh }) };
          const { record, ran } = await runSteps(home, text, more);
          // pkgcore is given all phases of a step, and Portage the last.
          return { record, ran: ran.map((phases) => phases.split(',').at(-1)) };
        };
        const first = await run();
        expect([first.record.outcome, first.ran]).toEqual(['passed', ALL]);

        merge(root, 'app-misc/stranger-1', { '/usr/share/stranger/x': 'x\n', '/usr/bin/stranger': '#!\n' });
        const after = await run();
        expect(after.ran).toEqual([]);
        expect(after.record).toEqual(first.record);
        expect(after.record).toEqual((await run(TEXT, true)).record);
        update(root, 'app-misc/stranger-1');
        unmerge(root, find('app-misc/jq'));
        expect((await run()).ran).toEqual([]);
        // `has_version` says something else.
        expect((await run(declaring(TEXT, 'DEPEND="app-misc/stranger"'))).ran).toEqual(['install']);
        unmerge(root, find('app-misc/stranger'));
        expect((await run()).ran).toEqual([]);

        update(root, find('media-libs/libpng'));
        const updated = await run();
        expect(updated.ran).toEqual(['compile', 'install']);
        expect(updated.record.probes.map(({ package: { version } }) => version)).toEqual([
          expect.stringMatching(/-r99$/),
        ]);
        merge(root, 'dev-libs/wanted-1', { '/usr/include/wanted.h': '' });
        const wanted = await run();
        expect(wanted.ran).toEqual(['configure', 'compile', 'install']);
        expect(wanted.record).toEqual((await run(TEXT, true)).record);
        // Python loads it, and the package manager is written in Python.
        update(root, find('dev-libs/openssl'));
        expect((await run()).ran).toEqual(ALL);
      },
      300_000,
    );
});
