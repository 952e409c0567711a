import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Checker, createChecker } from '../../server/src/check/checker.ts';
import { readPkgcheckOutput } from '../../server/src/check/pkgcheck-result.ts';
import { createRepositoryRules } from '../../server/src/check/repository-rules.ts';
import { parseEbuild } from '../../server/src/ebuild/facts.ts';
import { bash } from '../ebuild/bash.ts';
import { type FakeIndex, fakeIndex } from './fake-index.ts';

let folder: string;
let file: string;
let index: FakeIndex;
let checker: Checker;

const TEXT = `EAPI=8
SLOT="0"
RDEPEND="
	dev-libs/here
	dev-libs/absent
	dev-libs/installed
"
`;

function put(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

function putInstalled(name: string): void {
  put(`root/var/db/pkg/dev-libs/${name}-1/SLOT`, '0\n');
  put(`root/var/db/pkg/dev-libs/${name}-1/CONTENTS`, '');
}

const open = (more: Partial<Parameters<typeof createChecker>[0]> = {}): Checker =>
  createChecker({
    parser: bash,
    home: join(folder, 'home'),
    root: join(folder, 'root'),
    openIndex: () => index,
    ...more,
  });

const silencingOf = (text = TEXT, place = file, by = checker) => by.check(place, parseEbuild(text, bash));

/** Findings as `code: the marked text`. */
const check = (text = TEXT): string[] =>
  silencingOf(text).findings.map(({ code, range }) => `${code}: ${text.slice(range.start, range.end)}`);

/** Resolves when the checker reports new knowledge and `wanted` holds. */
function until(wanted: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    checker.onChanged(() => {
      if (wanted()) resolve();
    });
    if (wanted()) resolve();
  });
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ebuild-audit-checker-'));
  put('overlay/profiles/repo_name', 'overlay\n');
  put('overlay/dev-test/tool/tool-1.ebuild', TEXT);
  putInstalled('installed');
  file = join(folder, 'overlay/dev-test/tool/tool-1.ebuild');
  index = fakeIndex({ packages: [['dev-libs', 'here', '1']] });
  checker = open();
});
afterEach(async () => {
  await checker.close();
  rmSync(folder, { recursive: true });
});

test('calls a package unknown that no repository offers and that is not installed, once everything is known', async () => {
  expect(check()).toEqual([]);
  await checker.ready(file);
  expect(check()).toEqual(['unknown-package: dev-libs/absent']);
});

test('tells when a file has changed what is known', async () => {
  await checker.ready(file);
  check();
  index.add('dev-libs', 'absent', '2');
  const path = join(folder, 'overlay/dev-libs/absent/absent-2.ebuild');
  checker.fileChanged(path);
  checker.fileChanged(path);
  await until(() => check().length === 0 && index.refreshed.length > 0);
  expect(index.refreshed).toEqual([[path]]);
});

test('sees what is installed meanwhile', async () => {
  await checker.ready(file);
  putInstalled('absent');
  checker.fileChanged(join(folder, 'root/var/db/pkg/dev-libs/absent-1'));
  await until(() => check().length === 0);
});

test('knows nothing of the world around a file in no repository', () => {
  const lonely = join(folder, 'lonely.ebuild');
  writeFileSync(lonely, TEXT);
  expect(checker.knowledgeFor(lonely)).toBeUndefined();
  expect(silencingOf(TEXT, lonely).findings).toEqual([]);
  expect(silencingOf('EAPI=8\nDEPEND="a/"\n', lonely).findings.map(({ code }) => code)).toEqual([
    'invalid-atom',
  ]);
});

test('shows what pkgcheck says of a saved text beside its own findings', async () => {
  await checker.close();
  const line =
    '{"__class__": "RedundantVersion", "version": "1", "__level__": "info", "__message__": "slot(0) keywords are overshadowed"}';
  checker = open({ scan: async () => readPkgcheckOutput(line) });
  await checker.ready(file);
  checker.saved(file, TEXT);
  await until(() => check().length === 2);
  expect(check()).toEqual(['pkgcheck:RedundantVersion: SLOT', 'unknown-package: dev-libs/absent']);
});

test('closes what it has opened', async () => {
  await checker.ready(file);
  await checker.close();
  expect(index.isClosed()).toBe(true);
});

test('leaves out what the repository ignores, and reads its file again when it has changed', async () => {
  const problems: string[] = [];
  const rulesOf = createRepositoryRules((sentence) => void problems.push(sentence));
  const quiet = open({ rulesOf });
  await quiet.ready(file);
  const codes = () => silencingOf(TEXT, file, quiet).findings.map(({ code }) => code);
  expect(codes()).toEqual(['unknown-package']);
  const packages = file.split('/').slice(-3, -1).join('/');
  put(
    'overlay/metadata/ebuild-audit.ignore',
    `${packages} unknown-package dev-libs/absent – in another overlay\nfoo\n`,
  );
  expect(codes()).toEqual([]);
  expect(silencingOf(TEXT, file, quiet).silenced).toMatchObject([
    { reason: 'in another overlay', place: 'metadata/ebuild-audit.ignore:1' },
  ]);
  expect(problems).toEqual([
    expect.stringMatching(/^metadata\/ebuild-audit\.ignore:2: The line does not begin with a package: /),
  ]);
  put('overlay/metadata/ebuild-audit.ignore', '');
  expect(codes()).toEqual(['unknown-package']);
  await quiet.close();
});

test('says why something is not checked', async () => {
  const kinds = () => checker.limits(file).map(({ kind }) => kind);
  expect(checker.limits(join(folder, 'elsewhere.ebuild')).map(({ kind }) => kind)).toEqual(['no-repository']);
  await checker.ready(file);
  expect(kinds()).toEqual([]);
  await checker.close();
  index = fakeIndex({ incomplete: 'The master gentoo is missing' });
  const practice = { kind: 'practice-root', text: 'It is a practice root' } as const;
  checker = open({
    incomplete: practice,
    scan: () => Promise.reject(new Error('There is no room: free some.')),
    log: () => {},
  });
  await checker.ready(file);
  expect(kinds()).toEqual(['master', 'practice-root']);
  await checker.scan(file, TEXT).catch(() => {});
  expect(checker.limits(file).at(-1)).toEqual({
    kind: 'pkgcheck',
    text: 'The findings of pkgcheck are missing. There is no room: free some',
  });
});
