import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readRootState } from '../../../server/src/host/root-state.ts';

import { parseDependency } from '../../../server/src/pms/dependency.ts';
import { drawBuildView } from '../../../server/src/trial/builder/build-view.ts';
import { createRootKnowledge } from '../../../server/src/trial/builder/root-knowledge.ts';
import {
  joinObservations,
  type StepObservations,
} from '../../../server/src/trial/builder/steps/observations.ts';
import { contentsOf, installed } from '../../support/installed-package.ts';

const SITE = '/usr/lib/python3.12/site-packages';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'root-knowledge-'));
  install('dev-lang/python-3.12', ['/usr/bin/python3.12', '/usr/bin/python3 -> python3.12']);
  install('dev-python/pyyaml-6', [`${SITE}/`, `${SITE}/yaml/`, `${SITE}/yaml/__init__.py`]);
  install('dev-python/six-1', [`${SITE}/`, `${SITE}/six.py`]);
  install(
    'dev-libs/foo-1',
    ['/usr/include/foo/', '/usr/include/foo/foo.h', '/usr/bin/foo-config'],
    'dev-libs/bar',
  );
  install('dev-libs/bar-1', ['/usr/lib64/libbar.so -> libbar.so.1', '/usr/lib64/libbar.so.1']);
  install('dev-lang/perl-5', ['/usr/lib/perl/5 -> 5.40', '/usr/lib/perl/5.40/', '/usr/lib/perl/5.40/A.pm']);
  put('/usr/lib/perl/5.40/B.pm');
  put('/usr/local/include/mine.h');
  put('/usr/local/bin/mine');
  mkdirSync(join(root, 'etc'), { recursive: true });
  symlinkSync('../../bin/python3', join(root, 'usr/local/bin/python'));
});
afterEach(() => rmSync(root, { recursive: true }));

function put(path: string, text: string | Buffer = ''): void {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

function install(id: string, paths: readonly string[], rdepend = ''): void {
  put(`/var/db/pkg/${id}/CONTENTS`, contentsOf(paths));
  put(`/var/db/pkg/${id}/SLOT`, '0\n');
  put(`/var/db/pkg/${id}/RDEPEND`, `${rdepend}\n`);
  for (const path of paths) {
    const [link = '', target] = path.split(' -> ');
    if (path.endsWith('/')) mkdirSync(join(root, path), { recursive: true });
    else if (target === undefined) put(path);
    else {
      mkdirSync(dirname(join(root, link)), { recursive: true });
      symlinkSync(target, join(root, link));
    }
  }
}

async function know(declared: string) {
  const state = await readRootState(root, join(root, 'cache'));
  const packageManager = { files: { binds: [], programs: [] } };
  const view = drawBuildView(state, {
    packageManager,
    declared: { depend: parseDependency(declared).nodes, bdepend: [] },
    system: [],
    itself: 'app-misc/foo',
  });
  return { view, ...createRootKnowledge(state, view) };
}

const NOTHING: StepObservations = { denials: [], uses: [], incidents: [], gaps: [] };

describe('the description of a path', () => {
  test('has for a compiled module the source, if no package records the module', async () => {
    const { describePath } = await know('dev-python/pyyaml');
    const compiled = `${SITE}/yaml/__pycache__/__init__.cpython-312.opt-1.pyc`;
    expect(describePath(compiled).files).toMatchObject([
      { path: `${SITE}/yaml/__init__.py`, licence: 'declared' },
    ]);
    expect(describePath(`${SITE}/yaml/__pycache__/none.cpython-312.pyc`).files).toEqual([]);
  });

  test('marks a link that was only followed and not named', async () => {
    const { describePath } = await know('dev-lang/perl');
    expect(describePath('/usr/lib/perl/5/A.pm').files.map(({ path, onTheWay }) => [path, onTheWay])).toEqual([
      ['/usr/lib/perl/5', true],
      ['/usr/lib/perl/5.40/A.pm', undefined],
    ]);
    expect(describePath('/usr/lib/perl/5').files.map(({ path, onTheWay }) => [path, onTheWay])).toEqual([
      ['/usr/lib/perl/5', undefined],
    ]);
  });
});

test('a path may lead to a folder, also through a link that a package owns, or to one that no package lists', async () => {
  const { describePath } = await know('dev-lang/perl');
  const at = (path: string) => {
    const { folder, isRecorded } = describePath(path);
    return [folder, isRecorded];
  };
  expect(at('/usr/include/foo')).toEqual(['/usr/include/foo', true]);
  expect(at('/usr/lib/perl/5')).toEqual(['/usr/lib/perl/5.40', true]);
  expect(at('/usr/lib/perl')).toEqual(['/usr/lib/perl', false]);
  expect(at('/usr/lib/perl/5/A.pm')).toEqual([undefined, false]);
  expect(at('/tmp/x')).toEqual([undefined, false]);
});

describe('the hidden paths at a folder', () => {
  test('are the folder itself if it has only one owner', async () => {
    const { describePath } = await know('');
    expect(describePath('/usr/include/foo').hiddenFolder).toMatchObject([
      { package: { name: 'foo' }, path: '/usr/include/foo', hidden: true },
    ]);
    expect((await know('dev-libs/foo')).describePath('/usr/include/foo').hiddenFolder).toEqual([]);
  });

  test('are those that the list of a module folder lacks, but not of another folder', async () => {
    const { hiddenIn } = await know('dev-python/six');
    expect(hiddenIn(SITE).map(({ path }) => path)).toEqual([`${SITE}/yaml`]);
    expect(hiddenIn('/usr/include')).toEqual([]);
  });
});

test('a path in a folder of packages is unowned if no package owns it or the file at its end', async () => {
  const { describePath } = await know('');
  const unowned = (path: string) => describePath(path).unowned;
  expect(unowned('/usr/local/include/mine.h')).toBe('/usr/local/include/mine.h');
  expect(unowned('/usr/lib/perl/5/B.pm')).toBe('/usr/lib/perl/5.40/B.pm');
  for (const path of [
    '/usr/local/bin/python',
    '/usr/bin/python3',
    '/etc/hosts',
    '/tmp/x.h',
    `${SITE}/six.py`,
  ])
    expect(unowned(path)).toBeUndefined();
});

test('a package has headers, and needs another one in order to run', async () => {
  const { hasHeaders, needsToRun } = await know('');
  const [foo, bar] = [installed('dev-libs/foo-1'), installed('dev-libs/bar-1')];
  expect([hasHeaders(foo), hasHeaders(bar)]).toEqual([true, false]);
  expect([needsToRun(foo, bar), needsToRun(bar, foo)]).toEqual([true, false]);
});

describe('the observations of several steps', () => {
  const bar = installed('dev-libs/bar-1');
  const saw = (kind: 'library' | 'header' | 'program', drawn: boolean): StepObservations => ({
    ...NOTHING,
    uses: [
      { package: bar, kinds: [{ kind, evidence: [], first: 0, last: 0, weak: false, drawn }], bounds: [] },
    ],
  });
  const join = async (declared: string, ...steps: StepObservations[]) =>
    joinObservations(steps, (await know(declared)).view).uses.map(({ licence, kinds }) => [
      licence,
      ...kinds.map(({ kind }) => kind),
    ]);

  test('get their licences from the view, and not from the step', async () => {
    expect(await join('dev-libs/bar', saw('library', false), saw('header', false))).toEqual([
      ['declared', 'library', 'header'],
    ]);
    expect(await join('dev-libs/foo', saw('library', false))).toEqual([['closure', 'library']]);
  });

  test('have evidence of each step, beginning with the last one', async () => {
    const { view } = await know('dev-libs/bar');
    const evidence = (phase: string, count: number) =>
      Array.from({ length: count }, (_, at) => ({
        ...{
          phase,
          program: 'cc1',
          chain: [],
          operation: 'read' as const,
          result: 'seen' as const,
          count: 1,
        },
        path: `/${at}`,
      }));
    const steps = [evidence('configure', 4), evidence('compile', 2)].map(
      (ofStep): StepObservations => ({
        ...NOTHING,
        uses: [
          {
            package: bar,
            kinds: [{ kind: 'header', evidence: ofStep, first: 0, last: 0, weak: false, drawn: false }],
            bounds: [],
          },
        ],
      }),
    );
    const [use] = joinObservations(steps, view).uses;
    expect(use?.kinds[0]?.evidence.map(({ phase, path }) => `${phase} ${path}`)).toEqual([
      'compile /0',
      'configure /0',
      'compile /1',
      'configure /1',
    ]);
  });

  test('have no drawn use of a package that is only visible through another one, unless it may be linked', async () => {
    expect(await join('dev-libs/foo', saw('header', true))).toEqual([]);
    expect(await join('dev-libs/foo', saw('header', true), saw('header', false))).toEqual([
      ['closure', 'header'],
    ]);
    expect(await join('dev-libs/foo', saw('library', true))).toEqual([['closure', 'library']]);
    expect(await join('dev-libs/bar', saw('header', true))).toEqual([['declared', 'header']]);
  });
});
