import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { Finding } from '../../server/src/audit/finding.ts';
import { inTextOrder } from '../../server/src/audit/finding-order.ts';
import { createPkgcheckFindings } from '../../server/src/check/pkgcheck-findings.ts';
import { mergePkgcheck, readPkgcheckOutput, toFindings } from '../../server/src/check/pkgcheck-result.ts';
import { scanWithPkgcheck } from '../../server/src/check/pkgcheck-scan.ts';
import { parseEbuild } from '../../server/src/ebuild/facts.ts';
import { packageVariables } from '../../server/src/ebuild/package-variables.ts';
import { findPkgcheck } from '../../server/src/package-manager/find.ts';
import { bash } from '../ebuild/bash.ts';
import { requireOrSkip } from '../support/requirement.ts';
import { createWorld, home, missingForTrials, root } from '../support/world.ts';

/** The output of pkgcheck 0.10.34 for {@link EBUILD} in a repository whose master is the practice root's. */
const STREAM = readFileSync(new URL('pkgcheck-stream.jsonl', import.meta.url), 'utf8');
const EBUILD = `# Copyright 2026 Gentoo Authors
# Distributed under the terms of the GNU General Public License v2

EAPI=8

DESCRIPTION="tool"
HOMEPAGE="https://example.org/"

LICENSE="GPL-2"
SLOT="0"
KEYWORDS="~amd64"

DEPEND="
	dev-libs/absent
	app-alternatives/awk[gui]
"
RDEPEND="\${DEPEND}"

src_install() {
	dodoc \${S}/README${' '}
	insinto /usr/share/tool
	doins "\${D}"/x
}
`;
const place = packageVariables('dev-test', 'tool-1.2');
const facts = parseEbuild(EBUILD, bash);

/** Findings as `code: the marked text`. */
const show = (findings: readonly Finding[], text = EBUILD): string[] =>
  inTextOrder(findings).map(({ code, range }) => `${code}: ${text.slice(range.start, range.end)}`);

describe('the results of pkgcheck', () => {
  const { results } = readPkgcheckOutput(STREAM);

  test('are shown at their line, atom or variable, once each', () => {
    const findings = toFindings(results, facts, place);
    expect(show(findings)).toEqual([
      'pkgcheck:BadDescription: DESCRIPTION',
      'pkgcheck:UnknownLicense: LICENSE',
      'pkgcheck:NonexistentDeps: dev-libs/absent',
      'pkgcheck:NonsolvableDepsInStable: dev-libs/absent',
      'pkgcheck:MissingUseDepDefault: app-alternatives/awk[gui]',
      'pkgcheck:NonsolvableDepsInStable: app-alternatives/awk[gui]',
      'pkgcheck:WhitespaceFound: dodoc ${S}/README ',
      'pkgcheck:EbuildUnquotedVariable: dodoc ${S}/README ',
    ]);
    expect(findings.every(({ source }) => source === 'pkgcheck')).toBe(true);
    expect(inTextOrder(findings).map(({ severity }) => severity)).toEqual([
      'information',
      'error',
      'warning',
      'error',
      'warning',
      'error',
      'information',
      'warning',
    ]);
  });

  test('about other versions are left out', () => {
    expect(toFindings(results, facts, packageVariables('dev-test', 'tool-1.3'))).toEqual([]);
  });

  test('that say what a finding of ours says are left out', () => {
    const start = EBUILD.indexOf('dev-libs/absent');
    const ours: Finding = {
      code: 'unknown-package',
      severity: 'error',
      message: 'There is no dev-libs/absent.',
      range: { start, end: start + 'dev-libs/absent'.length },
      evidence: [],
      about: ['dev-libs/absent'],
    };
    const merged = mergePkgcheck([ours], toFindings(results, facts, place), facts);
    expect(show(merged).filter((line) => line.endsWith('dev-libs/absent'))).toEqual([
      'unknown-package: dev-libs/absent',
    ]);
    expect(merged).toHaveLength(7);
  });

  test('that are about the whole ebuild are left out wherever they are shown', () => {
    const line = JSON.stringify({
      __class__: 'MissingTestRestrict',
      __level__: 'warning',
      __message__: 'missing RESTRICT="!test? ( test )" with IUSE=test',
      version: place.PVR,
    });
    const theirs = toFindings(readPkgcheckOutput(line).results, facts, place);
    const ours: Finding = {
      code: 'missing-test-restrict',
      severity: 'warning',
      message: 'IUSE has test.',
      range: { start: 0, end: 1 },
      evidence: [],
      about: [],
    };
    expect(mergePkgcheck([], theirs, facts)).toHaveLength(1);
    expect(mergePkgcheck([ours], theirs, facts)).toEqual([ours]);
  });

  test('that follow from another one of pkgcheck’s are left out', () => {
    const merged = mergePkgcheck([], toFindings(results, facts, place), facts);
    expect(show(merged)).not.toContain('pkgcheck:NonsolvableDepsInStable: dev-libs/absent');
  });

  test('are read past lines that are damaged or none', () => {
    const [first = ''] = STREAM.split('\n');
    const output = `pkgcheck: warning\n${first.slice(0, 40)}\n{"__class__": 7}\n${first}\n`;
    const read = readPkgcheckOutput(output);
    expect([read.results.length, read.damaged, read.words]).toEqual([1, 2, ['pkgcheck: warning']]);
  });
});

describe('a file that was scanned', () => {
  const settled = async (scan: Parameters<typeof createPkgcheckFindings>[0]) => {
    const said: string[] = [];
    let changed = () => {};
    const done = new Promise<void>((resolve) => {
      changed = resolve;
    });
    const findings = createPkgcheckFindings(
      scan,
      () => changed(),
      (sentence) => said.push(sentence),
    );
    findings.saved('a.ebuild', EBUILD);
    await done;
    return { findings, said };
  };

  test('keeps what pkgcheck said of a line where the line goes, until it is changed', async () => {
    const { findings } = await settled(async () => readPkgcheckOutput(STREAM));
    const whitespaceIn = (text: string) =>
      show(findings.merge('a.ebuild', parseEbuild(text, bash), place, [], true), text).filter((line) =>
        line.startsWith('pkgcheck:Whitespace'),
      );
    expect(whitespaceIn(EBUILD.replace('EAPI=8\n', 'EAPI=8\n\n'))).toEqual([
      'pkgcheck:WhitespaceFound: dodoc ${S}/README ',
    ]);
    expect(whitespaceIn(EBUILD.replace('README ', 'README'))).toEqual([]);
    await findings.close();
  });

  test('calls nothing unknown where not all repositories are known', async () => {
    const { findings } = await settled(async () => readPkgcheckOutput(STREAM));
    const merged = (complete: boolean) => show(findings.merge('a.ebuild', facts, place, [], complete));
    expect(merged(true).filter((line) => !merged(false).includes(line))).toEqual([
      'pkgcheck:UnknownLicense: LICENSE',
      'pkgcheck:NonexistentDeps: dev-libs/absent',
      'pkgcheck:NonsolvableDepsInStable: app-alternatives/awk[gui]',
    ]);
    await findings.close();
  });

  test('has no findings of pkgcheck when it could not be scanned, and the reason is told', async () => {
    const { findings, said } = await settled(async () => {
      throw new Error('pkgcheck cannot scan.');
    });
    expect(findings.merge('a.ebuild', facts, place, [], true)).toEqual([]);
    await findings.close();
    expect(said).toEqual(['pkgcheck cannot scan.']);
  });
});

describe('texts that are saved', () => {
  const until = async (isSo: () => boolean) => {
    for (let i = 0; i < 200 && !isSo(); i++) await new Promise((resolve) => setTimeout(resolve, 1));
  };
  /** Scans that the test ends explicitly. */
  const openScans = () => {
    const begun: { text: string; signal: AbortSignal; end: () => void; fail: (error: Error) => void }[] = [];
    const said: string[] = [];
    const findings = createPkgcheckFindings(
      (_file, text, signal) =>
        new Promise((resolve, reject) => {
          const end = () => resolve({ results: [], damaged: 0, words: [] });
          signal.addEventListener('abort', () => reject(new Error('aborted')));
          begun.push({ text, signal, end, fail: reject });
        }),
      () => {},
      (sentence) => said.push(sentence),
    );
    return { begun, said, findings, texts: () => begun.map(({ text }) => text) };
  };

  test('are scanned one at a time, and of those that wait only the newest', async () => {
    const { begun, findings, texts } = openScans();
    findings.saved('a.ebuild', 'a1');
    findings.saved('b.ebuild', 'b1');
    await until(() => begun.length > 0);
    for (const text of ['a2', 'a3', 'a4']) findings.saved('a.ebuild', text);
    expect(texts()).toEqual(['a1']);
    expect(begun[0]?.signal.aborted).toBe(true);
    for (let i = 0; i < 3; i++) {
      begun[i]?.end();
      await until(() => begun.length > i + 1);
    }
    expect(texts()).toEqual(['a1', 'b1', 'a4']);
    expect(begun[1]?.signal.aborted).toBe(false);
    await findings.close();
  });

  test('are told once why they cannot be scanned; who asks for a scan hears it each time', async () => {
    const { begun, findings, said } = openScans();
    for (const [index, file] of ['a.ebuild', 'b.ebuild'].entries()) {
      findings.saved(file, EBUILD);
      await until(() => begun.length > index);
      begun[index]?.fail(new Error('There is no pkgcheck.'));
    }
    const asked = findings.scan('c.ebuild', EBUILD);
    await until(() => begun.length > 2);
    begun[2]?.fail(new Error('There is no pkgcheck.'));
    await expect(asked).rejects.toThrow('There is no pkgcheck.');
    expect(said).toEqual(['There is no pkgcheck.']);
    await findings.close();
  });

  test('are scanned no more after closing, which ends the scan that runs', async () => {
    const { begun, findings, said } = openScans();
    findings.saved('a.ebuild', 'a1');
    findings.saved('b.ebuild', 'b1');
    await until(() => begun.length > 0);
    await findings.close();
    expect([begun.length, begun[0]?.signal.aborted, said]).toEqual([1, true, []]);
  });
});

describe('pkgcheck itself', () => {
  const pkgcheck = missingForTrials('pkgcore') ? undefined : findPkgcheck(root, home, process.env.PATH ?? '');
  const realTest = requireOrSkip(
    missingForTrials('pkgcore') ?? (pkgcheck ? undefined : 'there is no pkgcheck: run "npm run set-up"'),
  );
  const folder = mkdtempSync(join(tmpdir(), 'ebuild-audit-pkgcheck-'));
  chmodSync(folder, 0o755);
  afterAll(() => rmSync(folder, { recursive: true }));

  realTest(
    'scans an unsaved text in the sandbox',
    async () => {
      const put = (path: string, text: string): void => {
        mkdirSync(dirname(join(folder, path)), { recursive: true });
        writeFileSync(join(folder, path), text);
      };
      put('overlay/profiles/repo_name', 'test-overlay\n');
      put('overlay/profiles/categories', 'dev-test\n');
      put('overlay/metadata/layout.conf', 'masters = gentoo\nthin-manifests = true\n');
      put('overlay/dev-test/tool/tool-1.2.ebuild', 'EAPI=8\n');
      mkdirSync(join(folder, 'home'), { mode: 0o755 });
      if (pkgcheck === undefined) throw new Error('there is no pkgcheck');
      const world = { ...(await createWorld('pkgcore')), home: join(folder, 'home') };
      const file = join(folder, 'overlay/dev-test/tool/tool-1.2.ebuild');
      const { results, damaged } = await scanWithPkgcheck(world, pkgcheck, file, EBUILD);
      expect(damaged).toBe(0);
      const codes = show(toFindings(results, facts, place));
      expect(codes).toContain('pkgcheck:WhitespaceFound: dodoc ${S}/README ');
      expect(codes).toContain('pkgcheck:NonexistentDeps: dev-libs/absent');
    },
    60_000,
  );
});
