import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { TrialRecord } from '../../../server/src/audit/record.ts';
import { parseEbuild } from '../../../server/src/ebuild/facts.ts';
import { NOTHING_NAMED } from '../../../server/src/host/named-paths.ts';
import { PRODUCT_VERSION } from '../../../server/src/host/product-version.ts';
import { readRootState } from '../../../server/src/host/root-state.ts';

import { locateEbuild } from '../../../server/src/repository/ebuild-location.ts';
import { decodeRecord, type TrialExtent } from '../../../server/src/trial/records/record-file.ts';
import {
  type InputMetadata,
  openTrialRecords,
  recordFolder,
} from '../../../server/src/trial/records/trial-records.ts';
import { bash } from '../../ebuild/bash.ts';
import { makeRecord, NOTHING_DECLARED } from '../../support/trial-record.ts';

const TEXT = 'EAPI=8\ninherit tool\nDEPEND="dev-libs/used"\n';
const EBUILD = 'app-misc/foo/foo-1.ebuild';
const METADATA: InputMetadata = {
  inherited: ['tool'],
  distfiles: ['foo-1.tar.gz'],
  use: [],
  dependencies: { ...NOTHING_DECLARED, DEPEND: 'dev-libs/used' },
  system: [],
};
const HIDDEN = {
  package: { category: 'dev-libs', name: 'hidden', version: '1', slot: '0', subslot: '0', use: [] },
  atom: 'dev-libs/hidden',
  evidence: [],
};
const NEED: TrialRecord['needs'][number] = { ...HIDDEN, variable: 'DEPEND', certainty: 'proven' };
const PROBE: TrialRecord['probes'][number] = {
  ...HIDDEN,
  variables: ['DEPEND'],
  effect: 'none',
  differences: [],
};

const TIME = { took: 1500, phases: [{ name: 'preparing', began: 0 }] };
const PLAIN: TrialExtent = { quick: false, matrix: 'none' };

let folder: string;
let root: string;
let home: string;
let repository: string;
let logged: string[];

const write = (path: string, text: string) => {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
};
/** Merges a package, or rebuilds it. */
const merge = (cpv: string, files: Record<string, string> = {}) => {
  const record = { SLOT: '0', USE: '', IUSE: '', RDEPEND: '', CONTENTS: '', ...files };
  rmSync(join(root, 'var/db/pkg', cpv), { recursive: true, force: true });
  for (const [name, text] of Object.entries(record)) write(join(root, 'var/db/pkg', cpv, name), `${text}\n`);
};

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ebuild-audit-records-'));
  [root, home, repository] = ['root', 'home', 'repository'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  logged = [];
  merge('dev-libs/used-1', { RDEPEND: 'dev-libs/below' });
  merge('dev-libs/below-1');
  merge('dev-libs/hidden-1');
  merge('dev-lang/python-3.11', { CONTENTS: 'obj /usr/bin/python3.11 0 0' });
  write(join(root, 'usr/bin/python3.11'), '');
  write(join(root, 'etc/portage/make.conf'), 'USE=""\n');
  write(join(root, 'var/cache/distfiles/foo-1.tar.gz'), 'archive');
  write(join(repository, 'profiles/repo_name'), 'own\n');
  write(join(repository, 'metadata/layout.conf'), 'masters =\n');
  write(join(repository, 'eclass/tool.eclass'), '# first\n');
  write(join(repository, 'app-misc/foo/Manifest'), 'DIST foo-1.tar.gz 7\n');
  write(join(repository, 'app-misc/foo/files/foo.patch'), '-a\n+b\n');
  write(join(repository, EBUILD), TEXT);
  // Later changes must have a later time by the clock ticks of the kernel.
  await sleep(30);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const open = (version = '3.0', limit = 2 ** 20) =>
  openTrialRecords(
    {
      rootPath: root,
      home,
      packageManager: {
        name: 'portage',
        version,
        files: { binds: [], programs: ['/usr/bin/python3.11'] },
      },
    },
    limit,
    (sentence) => void logged.push(sentence),
  );
const locate = () => locateEbuild(join(repository, EBUILD));
const stored = () => {
  try {
    return readdirSync(recordFolder(home));
  } catch {
    return [];
  }
};

/** Stores the record of a trial that runs now. */
async function keep(
  change: Partial<TrialRecord> = {},
  during = () => {},
  extent: TrialExtent = PLAIN,
  metadata = METADATA,
  named = NOTHING_NAMED,
): Promise<TrialRecord> {
  const beginning = open().begin(locate());
  const record = makeRecord(TEXT, change);
  const state = await readRootState(root, join(home, 'index'));
  // Otherwise the index may be written after the test has removed its folder.
  await state.saved;
  during();
  const states = record.variants.map(({ use }) => ({ ...metadata, use }));
  await open().keep(
    locate(),
    state,
    { record, extent, time: TIME, metadata: [metadata, ...states], named },
    beginning,
  );
  return record;
}
const answer = (text = TEXT, extent = PLAIN) => open().findAnswer(locate(), parseEbuild(text, bash), extent);

describe('the record of a trial', () => {
  test('answers the same question, with the time of the trial', async () => {
    const before = Date.now();
    const log = join(folder, 'the.log');
    writeFileSync(log, '');
    const record = await keep({ log });
    const found = await answer();
    expect(found).toEqual({ ...record, storedAt: expect.any(Number), time: TIME });
    expect(found?.storedAt).toBeGreaterThanOrEqual(before);
    expect(found?.storedAt).toBeLessThanOrEqual(Date.now());
    expect(logged).toEqual([]);
    rmSync(log);
    expect((await answer())?.log).toBe('');
  });

  test('does not answer for another text, package manager or ebuild', async () => {
    await keep();
    expect(await answer(`${TEXT}# more\n`)).toBeUndefined();
    expect(await open('3.1').findAnswer(locate(), parseEbuild(TEXT, bash), PLAIN)).toBeUndefined();
    write(join(repository, 'app-misc/foo/foo-2.ebuild'), TEXT);
    const otherVersion = locateEbuild(join(repository, 'app-misc/foo/foo-2.ebuild'));
    expect(await open().findAnswer(otherVersion, parseEbuild(TEXT, bash), PLAIN)).toBeUndefined();
  });

  const changes: readonly [what: string, change: () => void][] = [
    ['an eclass', () => write(join(repository, 'eclass/tool.eclass'), '# other\n')],
    [
      'the folder of the package',
      () => appendFileSync(join(repository, 'app-misc/foo/files/foo.patch'), 'x'),
    ],
    ['the folder of the package', () => write(join(repository, 'app-misc/foo/files/new.patch'), '')],
    ['the folder of the package', () => write(join(repository, 'app-misc/foo/Manifest'), 'DIST other 1\n')],
    ['a distfile', () => write(join(root, 'var/cache/distfiles/foo-1.tar.gz'), 'fetched again')],
    ['the configuration', () => write(join(root, 'etc/portage/make.conf'), 'USE="static"\n')],
    ['the configuration', () => write(join(root, 'etc/portage/package.use/foo'), 'app-misc/foo doc\n')],
    ['the configuration', () => write(join(repository, 'profiles/package.deprecated'), 'dev-libs/used\n')],
    ['an installed package', () => merge('dev-libs/used-1')],
    ['an installed package', () => merge('dev-libs/below-1')],
    ['an installed package', () => merge('dev-lang/python-3.11')],
    ['an installed package', () => merge('dev-libs/used-2')],
    ['an installed package', () => rmSync(join(root, 'var/db/pkg/dev-libs/below-1'), { recursive: true })],
  ];
  test.each(changes)(
    'no longer answers when %s has changed, and is recalled as not verified',
    async (what, change) => {
      await keep();
      change();
      expect(await answer()).toBeUndefined();
      expect(await open().recall(locate())).toMatchObject({ change: what, record: { text: TEXT } });
    },
  );

  test('still answers when only other files have changed than the inputs of the trial', async () => {
    await keep();
    merge('dev-libs/hidden-1');
    merge('dev-libs/newcomer-1');
    write(join(repository, 'app-misc/foo/metadata.xml'), '<pkgmetadata/>');
    write(join(repository, 'app-misc/foo/.foo-1.ebuild.swp'), 'of an editor');
    write(join(repository, 'app-misc/foo/foo-2.ebuild'), 'EAPI=8\n');
    write(join(repository, 'eclass/other.eclass'), '');
    write(join(repository, 'profiles/use.local.desc'), 'app-misc/foo:doc - Documentation\n');
    write(join(repository, 'profiles/package.mask'), '<app-misc/foo-1\n');
    expect(await answer()).toBeDefined();
  });

  test('answers no more when a hidden package owns a file that was named, there or not', async () => {
    write(join(root, 'etc/conf'), 'mine');
    await sleep(30);
    const etc = join(root, 'etc');
    const named = { present: { [etc]: ['conf'] }, absent: { [etc]: ['none'] }, listed: {} };
    const keepNamed = () => keep({}, undefined, PLAIN, METADATA, named);
    await keepNamed();
    merge('dev-libs/newcomer-1', { CONTENTS: 'obj /etc/other 0 0' });
    expect(await answer()).toBeDefined();
    merge('dev-libs/newcomer-1', { CONTENTS: 'obj /etc/conf 0 0' });
    expect(await answer()).toBeUndefined();
    expect((await open().recall(locate()))?.change).toBe('a file of the system');
    await keepNamed();
    expect(await answer()).toBeDefined();
    merge('dev-libs/newcomer-1', { CONTENTS: 'obj /etc/none 0 0' });
    expect(await answer()).toBeUndefined();
  });

  test.each<[string, Partial<TrialRecord>]>([
    ['found something missing', { needs: [NEED] }],
    ['lacks a package', { outcome: 'failed', notInstalled: [{ variable: 'DEPEND', atom: 'a/b' }] }],
  ])('that %s answers only until anything is merged', async (_, change) => {
    await keep(change);
    expect(await answer()).toMatchObject(change);
    merge('dev-libs/newcomer-1');
    expect(await answer()).toBeUndefined();
  });

  test.each<[TrialExtent, TrialExtent, boolean]>([
    [PLAIN, { quick: true, matrix: 'none' }, true],
    [{ quick: true, matrix: 'none' }, PLAIN, false],
    [{ quick: true, matrix: 'none' }, { quick: true, matrix: 'none' }, true],
    [PLAIN, { quick: false, matrix: 'single' }, false],
    [{ quick: false, matrix: 'single' }, PLAIN, true],
    [{ quick: false, matrix: 'single' }, { quick: false, matrix: 'pairwise' }, false],
    [{ quick: false, matrix: 'pairwise' }, { quick: true, matrix: 'single' }, true],
    [{ quick: true, matrix: 'pairwise' }, { quick: false, matrix: 'single' }, false],
    [{ quick: false, matrix: 'single' }, { quick: false, matrix: 'single', flags: ['a'] }, true],
    [{ quick: false, matrix: 'single', flags: ['a'] }, { quick: false, matrix: 'single' }, false],
    [{ quick: false, matrix: 'single', flags: ['a'] }, PLAIN, true],
    [
      { quick: false, matrix: 'single', flags: ['a', 'b'] },
      { quick: false, matrix: 'single', flags: ['b'] },
      true,
    ],
    [
      { quick: false, matrix: 'single', flags: ['a'] },
      { quick: false, matrix: 'single', flags: ['b'] },
      false,
    ],
  ])('of the extent %j answers what asks for %j: %s', async (done, asked, answers) => {
    await keep({}, undefined, done);
    expect((await answer(TEXT, asked)) !== undefined).toBe(answers);
  });

  test('says how long a trial of the same extent took', async () => {
    expect(open().lastDuration(locate(), PLAIN)).toBeUndefined();
    await keep();
    expect(open().lastDuration(locate(), PLAIN)).toBe(1500);
    expect(open().lastDuration(locate(), { quick: true, matrix: 'none' })).toBeUndefined();
    expect(open().lastDuration(locate(), { quick: false, matrix: 'single' })).toBeUndefined();
  });

  test('that is the newest answers if several could', async () => {
    await keep();
    await sleep(5);
    const variants = [makeRecord(TEXT, { use: ['doc'] })];
    await keep({ variants }, undefined, { quick: false, matrix: 'single' });
    await sleep(5);
    await keep({}, undefined, { quick: true, matrix: 'none' });
    expect((await answer())?.variants).toHaveLength(1);
  });

  test('with a smaller extent does not replace one with a larger extent', async () => {
    const matrix: TrialExtent = { quick: false, matrix: 'single' };
    await keep({ variants: [makeRecord(TEXT, { use: ['doc'] })] }, undefined, matrix);
    await keep({}, undefined, { quick: true, matrix: 'none' });
    expect((await answer(TEXT, matrix))?.variants).toHaveLength(1);
  });

  test('of several USE states has the visible packages of each as inputs', async () => {
    const dependencies = { ...METADATA.dependencies, DEPEND: 'dev-libs/used doc? ( dev-libs/hidden )' };
    const variants = [makeRecord(TEXT, { use: ['doc'] })];
    await keep({ variants }, undefined, PLAIN, { ...METADATA, dependencies });
    expect(await answer()).toBeDefined();
    merge('dev-libs/hidden-1');
    expect(await answer()).toBeUndefined();
  });

  test.each<[string, () => void]>([
    ['is gone', () => rmSync(join(root, 'var/db/pkg/dev-libs/hidden-1'), { recursive: true })],
    ['no longer needs another one', () => merge('dev-libs/hidden-1', { RDEPEND: '' })],
    ['is there in another version too', () => merge('dev-libs/hidden-2')],
    ['has got a virtual', () => merge('virtual/hidden-1', { RDEPEND: 'dev-libs/hidden' })],
  ])('does not answer if a package that RDEPEND names %s', async (_, change) => {
    merge('dev-libs/hidden-1', { RDEPEND: 'dev-libs/deep' });
    merge('dev-libs/deep-1');
    await sleep(30);
    const dependencies = { ...METADATA.dependencies, RDEPEND: 'dev-libs/hidden' };
    await keep({}, undefined, PLAIN, { ...METADATA, dependencies });
    expect(await answer()).toBeDefined();
    change();
    expect(await answer()).toBeUndefined();
  });

  test('has the probed packages as inputs', async () => {
    await keep({ probes: [PROBE] });
    expect(await answer()).toBeDefined();
    merge('dev-libs/hidden-1');
    expect(await answer()).toBeUndefined();
  });

  test('does not answer if one of its USE states failed for no known need', async () => {
    await keep({ variants: [makeRecord(TEXT, { outcome: 'failed' })] });
    expect(await answer()).toBeUndefined();
  });

  test('that failed for no known need is recalled, but does not answer, because the next trial may pass', async () => {
    await keep({ outcome: 'failed', failure: { phase: 'test', firstError: 'a timeout' } });
    expect(await answer()).toBeUndefined();
    expect(await open().recall(locate())).toMatchObject({
      change: undefined,
      record: { outcome: 'failed' },
    });
  });

  test.each(changes)('is not stored when %s changed while the trial ran', async (_, change) => {
    await keep({}, change);
    expect(stored()).toEqual([]);
  });

  test('is stored although an editor has saved the ebuild during the trial', async () => {
    await keep({}, () => {
      const ebuild = join(repository, EBUILD);
      writeFileSync(`${ebuild}.swp`, 'other text');
      renameSync(`${ebuild}.swp`, ebuild);
    });
    expect(await answer()).toBeDefined();
  });

  test('is neither stored nor given for a folder that cannot be read', async () => {
    await keep();
    symlinkSync('loop', join(repository, 'app-misc/foo/files/loop'));
    expect(await answer()).toBeUndefined();
    expect((await open().recall(locate()))?.change).toBe('the folder of the package');
    rmSync(recordFolder(home), { recursive: true });
    await keep();
    expect(stored()).toEqual([]);
  });

  test('of earlier texts are listed too, the newest first', async () => {
    expect(open().list(locate())).toEqual([]);
    await keep({ text: 'older', bareText: 'older' });
    await sleep(5);
    await keep({ text: 'newer', bareText: 'newer' });
    expect(open().list(locate())).toMatchObject([
      { text: 'newer', storedAt: expect.any(Number) },
      { text: 'older', storedAt: expect.any(Number) },
    ]);
  });

  test('of the newest trial is recalled for whichever text', async () => {
    expect(await open().recall(locate())).toBeUndefined();
    await keep({ text: 'older' });
    await sleep(5);
    await keep({ text: 'newer' });
    expect((await open().recall(locate()))?.record.text).toBe('newer');
    expect((await open('3.1').recall(locate()))?.change).toBe('the package manager');
  });

  test.each([
    ['damaged', (path: string) => writeFileSync(path, readFileSync(path).subarray(0, 200)), 'is damaged'],
    [
      'of another format',
      (path: string) =>
        writeFileSync(path, readFileSync(path, 'latin1').replace(/record \d+ /, 'record 0 '), 'latin1'),
      'was written by another version of Ebuild Audit',
    ],
  ] as const)('%s does not count, is logged once, and is replaced', async (_, spoil, words) => {
    await keep();
    spoil(join(recordFolder(home), stored()[0] ?? ''));
    expect(await answer()).toBeUndefined();
    expect(await answer()).toBeUndefined();
    expect(logged).toEqual([
      expect.stringMatching(new RegExp(`^The stored record \\S+ ${words} and is ignored`)),
    ]);
    await keep();
    expect(await answer()).toBeDefined();
  });

  test('that cannot be stored is logged', async () => {
    write(recordFolder(home), 'a file where the folder should be');
    await keep();
    expect(logged).toEqual([
      expect.stringMatching(
        /^The record of the trial cannot be stored \(E\w+: .+\), so the next trial will build again: .+\.$/,
      ),
    ]);
  });

  test('is removed at the limit of the store if it is the least recently used', async () => {
    await keep();
    const limit = 2 * readFileSync(join(recordFolder(home), stored()[0] ?? '')).length;
    for (const text of ['a', 'b', 'c', 'd']) {
      const state = await readRootState(root, join(home, 'index'));
      await state.saved;
      const done = {
        record: makeRecord(text),
        extent: PLAIN,
        time: TIME,
        metadata: [METADATA] as const,
        named: NOTHING_NAMED,
      };
      await open('3.0', limit).keep(locate(), state, done, open().begin(locate()));
    }
    expect(stored().length).toBeLessThanOrEqual(2);
    expect(stored().length).toBeGreaterThan(0);
  });
});

test('a damaged record is never read as a whole one', async () => {
  await keep();
  const whole = readFileSync(join(recordFolder(home), stored()[0] ?? ''));
  expect(decodeRecord(whole).kind).toBe('whole');
  fc.assert(
    fc.property(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), fc.boolean(), (at, flip, cut) => {
      const damaged = Buffer.from(cut ? whole.subarray(0, at) : whole);
      if (!cut) damaged[at] = (damaged[at] ?? 0) ^ flip;
      expect(decodeRecord(damaged).kind).not.toBe('whole');
    }),
  );
});

test('the product names the version of its package', () => {
  expect(PRODUCT_VERSION).toBe(JSON.parse(readFileSync('package.json', 'utf8')).version);
});
