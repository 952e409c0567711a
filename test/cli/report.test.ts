import picocolors from 'picocolors';
import { describe, expect, test } from 'vitest';
import type { Finding } from '../../server/src/audit/finding.ts';
import type { Probe } from '../../server/src/audit/record.ts';
import { createProgressBoard } from '../../server/src/cli/progress-line.ts';
import { formatFinding, formatProbes, type ReportStyle } from '../../server/src/cli/report/finding-text.ts';
import { describeTrial, formatJson } from '../../server/src/cli/report/json-report.ts';
import { makeRecord } from '../support/trial-record.ts';
import { colors, EVIDENCE } from './fakes.ts';

const style = (more: Partial<ReportStyle> = {}): ReportStyle => ({
  colors,
  why: false,
  shown: new Set(),
  ...more,
});

const TEXT = 'EAPI=8\n\nDEPEND="\n\tsys-libs/zlib\n"\n';
const start = TEXT.indexOf('DEPEND');
const fix = {
  title: 'Add media-libs/libpng to DEPEND',
  edits: [
    { start: TEXT.indexOf('\tsys-libs'), end: TEXT.indexOf('\tsys-libs'), newText: '\tmedia-libs/libpng\n' },
  ],
};
const finding: Finding = {
  code: 'missing-depend',
  severity: 'error',
  message:
    'Add media-libs/libpng to DEPEND: the build fails without /usr/include/png.h of media-libs/libpng, and passes with it.',
  range: { start, end: start + 6 },
  evidence: [EVIDENCE, { ...EVIDENCE, operation: 'look-up', result: 'seen', count: 1, chain: [] }],
  about: ['media-libs/libpng'],
  fix,
};

const WHY: Finding = {
  ...finding,
  code: 'unused',
  severity: 'hint',
  evidence: [EVIDENCE],
  why: {
    owner: 'sys-libs/zlib-1.3',
    rule: 'What is built without a package does not depend on it.',
    trials: ['The build without it installed the same.', 'Its tests passed.'],
  },
  alternatives: [{ title: 'Ignore it', edits: [], guess: true }],
};
const PROBE: Probe = {
  package: { category: 'media-libs', name: 'libpng', version: '1.6.39', slot: '0', subslot: '16', use: [] },
  atom: 'media-libs/libpng',
  variables: ['DEPEND'],
  effect: 'none',
  differences: [],
  evidence: [EVIDENCE],
};
const VERDICT = {
  findings: [finding],
  silenced: [{ finding: WHY, reason: 'kept for plug-ins', place: 'line 7' }],
  state: 'not-verified' as const,
  isBuilt: true,
};

describe('a finding as text', () => {
  test('reads like a compiler’s line, then the evidence, then the edit', () => {
    expect(formatFinding('x/foo-1.ebuild', TEXT, finding, style())).toBe(
      [
        'x/foo-1.ebuild:3:1: error[missing-depend]: Add media-libs/libpng to DEPEND: the build fails without /usr/include/png.h of media-libs/libpng, and passes with it.',
        '  src_compile › emake › make › cc1 tried to read /usr/include/png.h, which was hidden (2 times)',
        '  src_compile › /usr/libexec/cc1 looked up /usr/include/png.h',
        '  fix: Add media-libs/libpng to DEPEND',
        '  --- a/x/foo-1.ebuild',
        '  +++ b/x/foo-1.ebuild',
        '  @@ -2,4 +2,5 @@',
        '   ',
        '   DEPEND="',
        '  +\tmedia-libs/libpng',
        '   \tsys-libs/zlib',
        '   "',
      ].join('\n'),
    );
  });

  test('with --why ends its chain with owner, rule and trials; what else could be done comes last', () => {
    const { fix: _, ...plain } = WHY;
    const head =
      'foo-1.ebuild:3:1: hint[unused]: Add media-libs/libpng to DEPEND: the build fails without /usr/include/png.h of media-libs/libpng, and passes with it.';
    const seen =
      '  src_compile › emake › make › cc1 tried to read /usr/include/png.h, which was hidden (2 times)';
    expect(formatFinding('foo-1.ebuild', TEXT, plain, style())).toBe(
      [head, seen, '  or: Ignore it'].join('\n'),
    );
    expect(formatFinding('foo-1.ebuild', TEXT, plain, style({ why: true }))).toBe(
      [
        head,
        seen,
        '  owner: sys-libs/zlib-1.3',
        '  rule: What is built without a package does not depend on it.',
        '  trial: The build without it installed the same.',
        '  trial: Its tests passed.',
        '  or: Ignore it',
      ].join('\n'),
    );
  });

  test('each severity has its colour', () => {
    const painted = picocolors.createColors(true);
    const codeOf = (severity: Finding['severity']) =>
      // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are control characters
      /\u001b\[(3\d)m/.exec(
        formatFinding('f', TEXT, { ...finding, severity }, style({ colors: painted })),
      )?.[1];
    expect((['error', 'warning', 'information', 'hint'] as const).map(codeOf)).toEqual([
      '31',
      '33',
      '34',
      '36',
    ]);
  });

  test('an edit that has been shown is not shown again', () => {
    const shown = new Set<string>();
    formatFinding('foo-1.ebuild', TEXT, finding, style({ shown }));
    const second: Finding = { ...finding, code: 'missing-rdepend', message: 'It links it.', evidence: [] };
    expect(formatFinding('foo-1.ebuild', TEXT, second, style({ shown }))).toBe(
      'foo-1.ebuild:3:1: error[missing-rdepend]: It links it.\n  fix: Add media-libs/libpng to DEPEND (the edit above)',
    );
    const other: Finding = {
      ...second,
      fix: { title: 'Add a/b', edits: [{ ...fix.edits[0], newText: '\ta/b\n' } as (typeof fix.edits)[0]] },
    };
    expect(formatFinding('foo-1.ebuild', TEXT, other, style({ shown }))).toContain('+\ta/b');
  });

  test('what an ebuild and its build have named cannot act on the terminal', () => {
    const evil = '\u001b[2J\u009b31m\u0007\r';
    const text = `# ${evil}\n${TEXT}`;
    const tampered: Finding = {
      ...finding,
      message: `${evil}m\nfake line`,
      evidence: [{ ...EVIDENCE, chain: [`make${evil}`], path: `/usr/${evil}\nx` }],
      fix: { title: `Add${evil}`, edits: [{ start: 0, end: 0, newText: 'a' }] },
    };
    const report = formatFinding(`f${evil}`, text, tampered, style());
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that there is none is what is tested
    expect(report).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/);
    expect(report.split('\n')[0]).toContain('m fake line');
  });
});

test('a probe tells what showing the package did, and who looked', () => {
  expect(formatProbes('foo-1.ebuild', [PROBE])).toBe(
    [
      'foo-1.ebuild: undeclared packages that the build looked for:',
      '  media-libs/libpng-1.6.39: it changes nothing in the image',
      '    src_compile › emake › make › cc1 tried to read /usr/include/png.h, which was hidden (2 times)',
    ].join('\n'),
  );
  expect(formatProbes('foo-1.ebuild', [])).toBe('foo-1.ebuild: the build looked for no undeclared package.');
});

describe('JSON', () => {
  test('has the form that docs/command-line.md describes', () => {
    const record = makeRecord(TEXT, {
      outcome: 'failed',
      failure: { phase: 'compile', firstError: 'x' },
      gaps: ['a gap'],
      probes: [PROBE],
    });
    expect(
      JSON.parse(
        formatJson(describeTrial('foo-1.ebuild', { text: TEXT, record, verdict: VERDICT }, true, null)),
      ),
    ).toEqual({
      format: 1,
      file: 'foo-1.ebuild',
      package: 'media-gfx/foo-1',
      packageManager: 'portage 3.0',
      outcome: 'failed',
      failure: { phase: 'compile', firstError: 'x' },
      findings: [
        {
          code: 'missing-depend',
          severity: 'error',
          message: finding.message,
          range: { start: { line: 3, column: 1 }, end: { line: 3, column: 7 } },
          evidence: finding.evidence,
          why: null,
          fix,
          alternatives: [],
        },
      ],
      silenced: [
        {
          code: 'unused',
          message: finding.message,
          range: { start: { line: 3, column: 1 }, end: { line: 3, column: 7 } },
          reason: 'kept for plug-ins',
          place: 'line 7',
        },
      ],
      probes: [
        {
          package: 'media-libs/libpng-1.6.39',
          atom: 'media-libs/libpng',
          effect: 'none',
          evidence: [EVIDENCE],
        },
      ],
      gaps: ['a gap'],
      log: '/logs/media-gfx-foo-1.log',
      storedAt: null,
      sharedBy: null,
      view: null,
      disputes: [],
      verification: null,
    });
  });

  test('holds no control characters, and keeps them all', () => {
    const record = makeRecord(TEXT, { gaps: ['\u001b\u007f\u009b2J'] });
    const text = formatJson(
      describeTrial(
        'f',
        { text: TEXT, record, verdict: { findings: [], state: 'verified', isBuilt: true } },
        false,
        null,
      ),
    );
    expect(text).toContain('\\u001b\\u007f\\u009b2J');
    expect(JSON.parse(text).gaps).toEqual(record.gaps);
  });
});

describe('progress', () => {
  const show = (isTTY: boolean, columns = 80) => {
    const written: string[] = [];
    const line = createProgressBoard({ isTTY, columns, write: (text) => void written.push(text) }).open(
      'trial',
    );
    line.show({ phase: 'setup', elapsed: 1234, packagesSeen: 1 });
    line.show({ phase: 'compile', elapsed: 2000, packagesSeen: 2 });
    line.show({ phase: 'compile', elapsed: 3000, packagesSeen: 3 });
    line.end();
    return written;
  };
  test('on a terminal is one line that is written over and goes away', () => {
    expect(show(true)).toEqual([
      '\r\u001b[2Ktrial: setup, 1.2 s, 1 package',
      '\r\u001b[2Ktrial: compile, 2.0 s, 2 packages',
      '\r\u001b[2Ktrial: compile, 3.0 s, 3 packages',
      '\r\u001b[2K',
    ]);
  });
  test('of several trials is on one line, from which each goes when it ends', () => {
    const written: string[] = [];
    const board = createProgressBoard({
      isTTY: true,
      columns: 200,
      write: (text) => void written.push(text),
    });
    const [first, second] = [board.open('trial of a'), board.open('trial of b')];
    first.show({ phase: 'setup', elapsed: 1000, packagesSeen: 1 });
    second.show({ phase: 'compile', elapsed: 2000, packagesSeen: 2 });
    first.end();
    second.show({ phase: 'install', elapsed: 3000, packagesSeen: 2 });
    expect(written.map((text) => text.replace('\r\u001b[2K', ''))).toEqual([
      'trial of a: setup, 1.0 s, 1 package',
      'trial of a: setup, 1.0 s, 1 package · trial of b: compile, 2.0 s, 2 packages',
      '',
      'trial of b: install, 3.0 s, 2 packages',
    ]);
  });
  test('never wraps', () => {
    for (const text of show(true, 25)) expect(text.length).toBeLessThanOrEqual('\r\u001b[2K'.length + 24);
  });
  test('elsewhere is a plain line for each phase', () => {
    expect(show(false)).toEqual(['trial: setup, 1.2 s, 1 package\n', 'trial: compile, 2.0 s, 2 packages\n']);
  });
});
