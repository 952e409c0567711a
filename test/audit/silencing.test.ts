import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Finding } from '../../server/src/audit/finding.ts';
import { packageAt } from '../../server/src/audit/package-at.ts';
import type { Need, PackageUse, Probe, TrialRecord } from '../../server/src/audit/record.ts';
import {
  proposeIgnore,
  readIgnoreComments,
  withoutIgnoreComments,
} from '../../server/src/audit/silencing/ignore-comment.ts';
import { parseIgnoreFile, rulesFor } from '../../server/src/audit/silencing/ignore-file.ts';
import { judgeSilenced } from '../../server/src/audit/silencing/judge-silenced.ts';
import { silenceStatic } from '../../server/src/audit/silencing/silence-static.ts';
import { parseEbuild } from '../../server/src/ebuild/facts.ts';
import { applyEdits } from '../../server/src/ebuild/text-edit.ts';
import { bash } from '../ebuild/bash.ts';
import { makeRecord, NOTHING_DECLARED } from '../support/trial-record.ts';

const IDENTITY = { category: 'media-gfx', packageAndVersion: 'foo-1' };
const ALL = { repositories: true, pkgcheck: true };

/** A finding for each word that repeats an earlier one. */
function findDuplicates(text: string): Finding[] {
  const bare = text.replace(/#.*/g, (comment) => ' '.repeat(comment.length));
  const words = [...bare.matchAll(/\b[\w-]+\/[\w-]+/g)];
  return words
    .filter(({ 0: word, index }) => words.some((earlier) => earlier[0] === word && earlier.index < index))
    .map(({ 0: word, index }) => ({
      code: 'duplicate-atom',
      severity: 'warning',
      message: `${word} stands twice.`,
      range: { start: index, end: index + word.length },
      evidence: [],
      about: packageAt(text, { start: index, end: index + word.length }),
    }));
}

/** The remaining and the silenced static findings, as `code: text` and `code: reason (place)`. */
function look(text: string, looked = ALL, file = '') {
  const facts = parseEbuild(text, bash);
  const rules = rulesFor(parseIgnoreFile(file).rules, IDENTITY);
  const { findings, silenced } = silenceStatic(facts, findDuplicates(text), rules, IDENTITY, looked);
  return {
    findings: findings.map(({ code, range }) => `${code}: ${text.slice(range.start, range.end)}`),
    messages: findings.filter(({ code }) => code === 'stale-ignore').map(({ message }) => message),
    silenced: silenced.map(({ finding, reason, place }) => `${finding.code}: ${reason} (${place})`),
    mended: findings.reduce((now, { fix }) => (fix === undefined ? now : applyEdits(text, fix.edits)), text),
  };
}

const TWICE = 'DEPEND="a/b c/d a/b c/d"\n';

describe('a comment in the ebuild', () => {
  test.each(['missing-revision-bump', 'live-ebuild-behind', 'not-tried', 'inherited-atom'])(
    'about %s is never stale, because not every check looks for it',
    (code) => {
      const text = `EAPI=8\n# audit: ignore ${code} – it is right so\nDEPEND="a/b"\n`;
      expect(look(text).findings).toEqual([]);
      const facts = parseEbuild(text, bash);
      expect(judgeSilenced(makeRecord(text), facts, []).findings).toEqual([]);
    },
  );

  test.each(['–', '—', '--', '-'])('silences with a reason after %s', (dash) => {
    const { findings, silenced } = look(
      `EAPI=8\n# audit: ignore duplicate-atom ${dash} as upstream has it\n${TWICE}`,
    );
    expect(findings).toEqual([]);
    expect(silenced).toEqual(Array(2).fill('duplicate-atom: as upstream has it (line 2)'));
  });

  test('silences only the package that it names, however the atom is written', () => {
    for (const atom of ['c/d', '>=c/d-1.2:0=[x]'])
      expect(look(`${TWICE}\n  #audit:ignore duplicate-atom ${atom} – on purpose\n`)).toMatchObject({
        findings: ['duplicate-atom: a/b'],
        silenced: ['duplicate-atom: on purpose (line 3)'],
      });
  });

  test('behind a value is about that value', () => {
    const text = `DEPEND="a/b
	a/b" # audit: ignore duplicate-atom – copied
RDEPEND="a/b"
`;
    expect(look(text)).toMatchObject({
      findings: ['duplicate-atom: a/b'],
      silenced: ['duplicate-atom: copied (line 2)'],
    });
  });

  test('inside a value is no comment', () => {
    expect(look('DEPEND="a/b\n# audit: ignore duplicate-atom – no\na/b"\n')).toMatchObject({
      findings: ['duplicate-atom: a/b'],
      silenced: [],
    });
  });

  test.each([
    ['# audit: ignore', 'The code of the finding is missing: write it after `ignore`.'],
    ['# audit: ignore – why', 'The code of the finding is missing: write it after `ignore`.'],
    [
      '# audit: ignore duplicate-atom a/b',
      'The reason for ignoring duplicate-atom is missing: write it at the end, after “ – ”.',
    ],
    [
      '# audit: ignore duplicate-atom a/b –',
      'The reason for ignoring duplicate-atom is missing: write it at the end, after “ – ”.',
    ],
    ['# audit: ignore unusde a/b – x', 'No finding has the code unusde: perhaps you mean unused.'],
    [
      '# audit: ignore stale-ignore – x',
      'No finding has the code stale-ignore: `ebuild-audit explain` lists the codes.',
    ],
    [
      '# audit: ignore unused foo – x',
      'foo after unused is not one package: write category/name, then “ – ” and the reason.',
    ],
    [
      '# audit: ignore unused a/b because it is so',
      'a/b because it is so after unused is not one package: write category/name, then “ – ” and the reason.',
    ],
  ])('%s silences nothing and is told so', (comment, message) => {
    const { findings, messages, silenced } = look(`${comment}\n${TWICE}`);
    expect(messages).toEqual([message]);
    expect(findings).toEqual([`stale-ignore: ${comment}`, 'duplicate-atom: a/b', 'duplicate-atom: c/d']);
    expect(silenced).toEqual([]);
  });

  test('with a typing error in the code has the code that was meant as a fix', () => {
    const { mended } = look('# audit: ignore duplicat-atom – x\n');
    expect(mended).toBe('# audit: ignore duplicate-atom – x\n');
  });

  test.each([
    ['EAPI=8\n\t# audit: ignore duplicate-atom a/b – x\nDEPEND="a/b"\n', 'EAPI=8\nDEPEND="a/b"\n'],
    ['DEPEND="a/b"  # audit: ignore duplicate-atom – x\nEAPI=8\n', 'DEPEND="a/b"\nEAPI=8\n'],
    ['DEPEND="a/b"\r\n# audit: ignore duplicate-atom – x\r\nEAPI=8\r\n', 'DEPEND="a/b"\r\nEAPI=8\r\n'],
    ['EAPI=8\n# audit: ignore duplicate-atom – x', 'EAPI=8\n'],
  ])('that ignores nothing any more is stale, and the fix takes it out', (text, mended) => {
    const found = look(text);
    expect(found.messages).toEqual([
      expect.stringMatching(
        /^This comment ignores duplicate-atom.*, but there is no such finding: remove it\.$/,
      ),
    ]);
    expect(found.mended).toBe(mended);
  });

  test('is stale only where what it speaks of has been looked for', () => {
    const text = '# audit: ignore unknown-package – x\n# audit: ignore pkgcheck:RedundantVersion – y\n';
    expect(look(text, { repositories: false, pkgcheck: false }).findings).toEqual([]);
    expect(look(text, { repositories: true, pkgcheck: false }).findings).toEqual([
      'stale-ignore: # audit: ignore unknown-package – x',
    ]);
    expect(look(text).findings).toHaveLength(2);
  });

  test('about trials is no business of the text alone', () => {
    expect(look('# audit: ignore unused a/b – x\n').findings).toEqual([]);
  });
});

describe('the ignore file of a repository', () => {
  test.each(['media-gfx/foo', 'media-gfx/foo-1', 'media-gfx/foo*', 'media-*/foo-1', '*/*', 'm*a-g*x/*o*'])(
    '%s is about media-gfx/foo-1',
    (packages) => {
      expect(look(TWICE, ALL, `# all of them\n\n${packages} duplicate-atom – policy #1\n`)).toMatchObject({
        findings: [],
        silenced: Array(2).fill('duplicate-atom: policy #1 (metadata/ebuild-audit.ignore:3)'),
      });
    },
  );

  test.each(['media-gfx/fo', 'media-gfx/foo-2', 'media-gfx/foo-1-r1', 'media-gfx/f*oo*o', 'media-libs/*'])(
    '%s is not',
    (packages) => {
      expect(look(TWICE, ALL, `${packages} duplicate-atom – policy\n`).silenced).toEqual([]);
    },
  );

  test('a rule for this very ebuild is stale where it ignores nothing, one for several is not', () => {
    expect(look('EAPI=8\n', ALL, 'media-gfx/foo-1 duplicate-atom – x\n')).toMatchObject({
      findings: ['stale-ignore: EAPI=8'],
      messages: [
        'metadata/ebuild-audit.ignore:1 ignores duplicate-atom, but there is no such finding: remove the line.',
      ],
    });
    expect(look('EAPI=8\n', ALL, 'media-gfx/foo duplicate-atom – x\n').findings).toEqual([]);
  });

  test('tells what is wrong with a line, and reads the others', () => {
    const { rules, problems } = parseIgnoreFile('foo unused – x\na/b unused\na/b unused c/d – x\n');
    expect(problems).toEqual([
      'metadata/ebuild-audit.ignore:1: The line does not begin with a package: write category/name, category/name-version or a pattern such as dev-libs/*.',
      'metadata/ebuild-audit.ignore:2: The reason for ignoring unused is missing: write it at the end, after “ – ”.',
    ]);
    expect(rules).toEqual([
      {
        code: 'unused',
        about: 'c/d',
        reason: 'x',
        place: { kind: 'repository', line: 3, packages: 'a/b' },
      },
    ]);
  });
});

const ZLIB = { category: 'sys-libs', name: 'zlib', version: '1.3', slot: '0', subslot: '1', use: [] };
const NEED: Need = {
  variable: 'DEPEND',
  package: ZLIB,
  atom: 'sys-libs/zlib',
  certainty: 'proven',
  evidence: [
    {
      phase: 'compile',
      program: '/usr/bin/cc1',
      chain: ['src_compile', 'cc1'],
      operation: 'read',
      path: '/usr/include/zlib.h',
      result: 'denied',
      count: 1,
    },
  ],
};
const USE: PackageUse = { package: ZLIB, atom: 'sys-libs/zlib', licence: 'declared', kinds: [], bounds: [] };
const PROBE: Probe = {
  package: ZLIB,
  atom: 'sys-libs/zlib',
  variables: ['DEPEND'],
  effect: 'changes',
  differences: [{ aspect: 'linked-library', change: 'added', path: '/usr/bin/foo', name: 'libz.so.1' }],
  evidence: NEED.evidence,
};

/** Judges a record of `built` against `text`. */
function judgeText(built: string, text: string, change: Partial<TrialRecord>, file = '') {
  const record = makeRecord(built, change);
  const rules = rulesFor(parseIgnoreFile(file).rules, IDENTITY);
  return judgeSilenced(record, parseEbuild(text, bash), rules);
}

describe('what a trial has found', () => {
  const built = 'EAPI=8\nDEPEND="a/b"\n';
  const comment = '# audit: ignore missing-depend sys-libs/zlib – the header is only looked at\n';

  test('is silenced by package, and the trial before the comment still counts', () => {
    expect(judgeText(built, built, { needs: [NEED] }).findings.map(({ code }) => code)).toEqual([
      'missing-depend',
    ]);
    const verdict = judgeText(built, `${comment}${built}`, { needs: [NEED] });
    expect(verdict).toMatchObject({
      findings: [],
      silenced: [{ reason: 'the header is only looked at', place: 'line 1' }],
      state: 'verified',
    });
    expect(judgeText(built, `${comment}${built}`, { needs: [NEED] }, '').silenced).toHaveLength(1);
    const other = '# audit: ignore missing-depend dev-libs/other – x\n';
    expect(judgeText(built, `${other}${built}`, { needs: [NEED] }).silenced).toEqual([]);
  });

  test('is another trial’s business where the comment stands inside a value, which it breaks', () => {
    const text = built.replace('a/b', `a/b\n${comment}`);
    expect(judgeText(built, text, { needs: [NEED] })).toMatchObject({ silenced: [], state: 'not-verified' });
  });

  test('is silenced by the virtual that is to be declared, and by the package that stands for it', () => {
    const need = {
      ...NEED,
      package: { ...ZLIB, category: 'dev-util', name: 'pkgconf' },
      atom: 'virtual/pkgconfig',
    };
    for (const name of ['virtual/pkgconfig', 'dev-util/pkgconf']) {
      const text = `# audit: ignore missing-depend ${name} – found by other means\n${built}`;
      expect(judgeText(built, text, { needs: [need] }).silenced).toHaveLength(1);
    }
  });

  test('is silenced by the repository', () => {
    const verdict = judgeText(
      built,
      built,
      { needs: [NEED] },
      'media-gfx/* missing-depend sys-libs/zlib – policy\n',
    );
    expect(verdict).toMatchObject({
      findings: [],
      silenced: [{ reason: 'policy', place: 'metadata/ebuild-audit.ignore:1' }],
    });
  });

  const stale = (text: string, change: Partial<TrialRecord>) =>
    judgeText(built, text, change).findings.filter(({ code }) => code === 'stale-ignore').length;

  test('no longer makes the comment stale, once a trial that has looked for it has passed', () => {
    const text = `${comment}${built}`;
    expect(stale(text, {})).toBe(1);
    expect(stale(text, { outcome: 'failed' })).toBe(0);
    expect(stale(text, { outcome: 'running' })).toBe(0);
    expect(stale(`${text}RDEPEND="c/d"\n`, {})).toBe(0);
    // It may be found with another flag enabled.
    expect(stale(text, { iuse: ['png'] })).toBe(0);
    expect(stale(text, { iuse: ['png'], variants: [makeRecord(built)] })).toBe(1);
    expect(stale(text, { iuse: ['png'], variants: [makeRecord(built, { outcome: 'failed' })] })).toBe(0);
  });

  test.each([
    ['automagic', { probes: [{ ...PROBE, effect: 'untried' }] }, 0],
    ['automagic', { probes: [{ ...PROBE, effect: 'none' }] }, 1],
    ['unused', {}, 1],
    ['unused', { evaluated: { ...NOTHING_DECLARED, DEPEND: 'sys-libs/zlib' } }, 0],
    ['unused', { evaluated: { ...NOTHING_DECLARED, DEPEND: 'sys-libs/zlib' }, uses: [USE] }, 1],
  ] as const)('%s is stale only where the builds were compared (%#)', (code, change, count) => {
    expect(stale(`# audit: ignore ${code} sys-libs/zlib – x\n${built}`, change)).toBe(count);
  });

  test('and is no error can be ignored by an edit, which then asks for the reason', () => {
    const text = 'EAPI=8\n\nDEPEND="\n\ta/b\n"\n';
    const [finding] = judgeText(text, text, { probes: [PROBE] }).findings;
    expect(finding?.code).toBe('automagic');
    const ignore = finding?.alternatives?.at(-1);
    expect(ignore).toMatchObject({
      title: 'Ignore automagic of sys-libs/zlib in this ebuild (needs a reason)',
      guess: true,
    });
    const ignored = applyEdits(text, ignore?.edits ?? []);
    expect(ignored).toBe('EAPI=8\n\n# audit: ignore automagic sys-libs/zlib –\nDEPEND="\n\ta/b\n"\n');
    expect(look(ignored).messages).toEqual([
      'The reason for ignoring automagic is missing: write it at the end, after “ – ”.',
    ]);
    const reasoned = ignored.replace('–\n', '– switched off below\n');
    expect(judgeText(text, reasoned, { probes: [PROBE] })).toMatchObject({
      findings: [],
      silenced: [{ reason: 'switched off below' }],
      state: 'verified',
    });
  });
});

describe('an edit that ignores', () => {
  const finding = (text: string, word: string): Finding => ({
    code: 'unused',
    severity: 'hint',
    message: 'x',
    range: { start: text.indexOf(word), end: text.indexOf(word) + word.length },
    evidence: [],
    about: ['a/b'],
  });
  test.each([
    ['DEPEND="\n\ta/b\n"\n', '# audit: ignore unused a/b –\nDEPEND="\n\ta/b\n"\n'],
    [
      'if true; then\n\tDEPEND="x/y\n\ta/b"\nfi\n',
      '# audit: ignore unused a/b –\nif true; then\n\tDEPEND="x/y\n\ta/b"\nfi\n',
    ],
  ])('stands above the statement', (text, expected) => {
    const facts = parseEbuild(text, bash);
    expect(applyEdits(text, proposeIgnore(facts, finding(text, 'a/b')).edits)).toBe(expected);
  });
});

describe('properties', () => {
  const known = fc.constantFrom(
    ...['EAPI=8', 'DEPEND="a/b"', '', '# a comment', 'src_compile() {', '\temake', '}'],
    ...['# audit: ignore unused – x', '\t#audit:ignore', 'RDEPEND="c/d" # audit: ignore unused c/d – x'],
  );
  const anything = fc.oneof(
    known,
    fc.string({ maxLength: 20 }).map((text) => text.replaceAll('\n', ' ')),
  );
  const joined = (lines: readonly string[]) => lines.map((line) => `${line}\n`).join('');
  const bareOf = (text: string) => withoutIgnoreComments(parseEbuild(text, bash));
  test('what is ignored makes no difference to what is built', () => {
    fc.assert(
      fc.property(fc.array(known, { maxLength: 12 }), fc.nat(), (lines, at) => {
        const text = joined(lines);
        const more = [...lines];
        more.splice(at % (lines.length + 1), 0, '# audit: ignore automagic a/b – because');
        const longer = joined(more);
        // In a text that is not bash, nothing is known to be a comment.
        const isBash = [text, longer].every((written) => parseEbuild(written, bash).errors.length === 0);
        if (isBash) expect(bareOf(longer)).toBe(bareOf(text));
      }),
    );
  });

  test('nothing but such comments is left out, whatever the text', () => {
    const COMMENT = /[ \t]*#[ \t]*audit:[ \t]*ignore(?![\w-]).*/g;
    const withoutAll = (text: string) =>
      text
        .split('\n')
        .flatMap((line) =>
          line.replace(COMMENT, '') === '' && line !== '' ? [] : [line.replace(COMMENT, '')],
        )
        .join('\n');
    fc.assert(
      fc.property(fc.array(anything, { maxLength: 12 }), (lines) => {
        const text = joined(lines);
        const bare = bareOf(text);
        expect(bareOf(bare)).toBe(bare);
        expect(withoutAll(bare)).toBe(withoutAll(text));
      }),
    );
  });

  test('a line of a string or a here-document is no comment', () => {
    for (const code of [
      'cat <<-E\n\t# audit: ignore unused a/b – x\nE',
      'echo "\n# audit: ignore unused a/b – x\n"',
    ]) {
      const text = `src_compile() {\n\t${code}\n}\n`;
      expect(bareOf(text)).toBe(text);
      expect(readIgnoreComments(parseEbuild(text, bash))).toEqual({ rules: [], problems: [] });
    }
  });

  test('no pattern makes an ignore file slow or throws', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.array(fc.constantFrom('*', 'a', '/', '-1'), { maxLength: 30 }),
        (junk, parts) => {
          const { rules } = parseIgnoreFile(`${junk}\n${parts.join('')} unused – x\n`);
          for (const rule of rulesFor(rules, IDENTITY)) expect(rule.reason).not.toBe('');
        },
      ),
    );
  });
});
