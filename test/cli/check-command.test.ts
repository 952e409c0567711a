import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { Finding } from '../../server/src/audit/finding.ts';
import type { Silencing } from '../../server/src/audit/silencing/silence.ts';
import { type CheckCommandWorld, runCheckCommand } from '../../server/src/cli/check-command.ts';
import { listEbuilds } from '../../server/src/cli/ebuild-file.ts';
import { UserError } from '../../server/src/errors/user-error.ts';
import { SandboxError } from '../../server/src/sandbox/sandbox.ts';
import { colors } from './fakes.ts';

/** A finding with a safe fix for `old`, which should be `new`, and one with a guess for `gess`, perhaps `guess`. */
function check(_file: string, text: string): Silencing {
  const findings = (['old', 'gess'] as const).flatMap((word): Finding[] => {
    const start = text.indexOf(word);
    if (start < 0) return [];
    const range = { start, end: start + word.length };
    const newText = word === 'old' ? 'new' : 'guess';
    const fix = { title: `Write ${newText}`, edits: [{ ...range, newText }] };
    return [
      {
        code: word === 'old' ? 'package-moved' : 'unknown-package',
        severity: 'error',
        message: `${word} is wrong.`,
        range,
        evidence: [],
        about: [],
        fix: word === 'old' ? fix : { ...fix, guess: true },
      },
    ];
  });
  return { findings, silenced: [] };
}

function openWorld(texts: Record<string, string>, doubt?: string) {
  const files = new Map(Object.entries(texts));
  const printed: string[] = [];
  const complaints: string[] = [];
  const world: CheckCommandWorld = {
    check,
    ready: async () => {},
    incomplete: () => doubt,
    listEbuilds: async (path) => (path === 'all' ? [...files.keys()] : [path]),
    async readFile(path) {
      const text = files.get(path);
      if (text === undefined) throw new UserError(`${path} does not exist: name an ebuild file.`);
      return text;
    },
    writeFile: async (path, text) => void files.set(path, text),
    print: (text) => void printed.push(text),
    complain: (sentence) => void complaints.push(sentence),
    colors,
  };
  return { files, printed, complaints, world };
}
const options = { paths: ['all'], fix: false, format: 'text' } as const;

describe('runCheckCommand', () => {
  test('reports like a compiler, and finds make the status 1', async () => {
    const it = openWorld({ 'a.ebuild': 'X\nold\n', 'b.ebuild': 'good\n' });
    expect(await runCheckCommand(options, it.world)).toBe(1);
    expect(it.printed.join('\n')).toBe(
      [
        'a.ebuild:2:1: error[package-moved]: old is wrong.',
        '  fix: Write new',
        '  --- a/a.ebuild',
        '  +++ b/a.ebuild',
        '  @@ -1,2 +1,2 @@',
        '   X',
        '  -old',
        '  +new',
        '',
        '2 ebuilds checked, 1 finding.',
      ].join('\n'),
    );
    expect(it.files.get('a.ebuild')).toBe('X\nold\n');
  });

  test('--fix writes what is no guess and reports what is left', async () => {
    const it = openWorld({ 'a.ebuild': 'old gess old\n', 'b.ebuild': 'old\n' });
    expect(await runCheckCommand({ ...options, fix: true }, it.world)).toBe(1);
    expect([...it.files.values()]).toEqual(['new gess new\n', 'new\n']);
    expect(it.printed.filter((line) => line.includes('package-moved'))).toEqual([]);
    expect(it.printed.at(-1)).toBe('2 ebuilds checked, 1 finding.');
    const again = openWorld({ 'b.ebuild': 'old\n' });
    expect(await runCheckCommand({ ...options, fix: true }, again.world)).toBe(0);
  });

  test('a file that cannot be read leaves the others checked, and the status is 2', async () => {
    const it = openWorld({ 'a.ebuild': 'old\n' });
    expect(await runCheckCommand({ ...options, paths: ['none.ebuild', 'a.ebuild'] }, it.world)).toBe(2);
    expect(it.complaints).toEqual(['none.ebuild does not exist: name an ebuild file.']);
    expect(it.printed.at(-1)).toBe('1 ebuild checked, 1 finding.');
  });

  test('pkgcheck scans each text that is reported, and one that it cannot scan makes the status 2', async () => {
    const it = openWorld({ 'a.ebuild': 'old\n', 'b.ebuild': 'good\n' });
    const scanned: string[] = [];
    const scan = async (file: string, text: string) => {
      scanned.push(`${file}: ${text}`);
      if (file === 'b.ebuild') throw new UserError('pkgcheck cannot scan b.ebuild.');
    };
    expect(await runCheckCommand({ ...options, fix: true }, { ...it.world, scan })).toBe(2);
    expect(scanned).toEqual(['a.ebuild: old\n', 'a.ebuild: new\n', 'b.ebuild: good\n']);
    expect(it.complaints).toEqual(['pkgcheck cannot scan b.ebuild.']);
    expect(it.printed.at(-1)).toBe('2 ebuilds checked, no findings.');
  });

  test('that there can be no scan at all is said once', async () => {
    const it = openWorld({ 'a.ebuild': 'good\n', 'b.ebuild': 'old\n' });
    const scan = async () => {
      throw new SandboxError('no-bwrap', 'bwrap is missing.');
    };
    expect(await runCheckCommand(options, { ...it.world, scan })).toBe(2);
    expect(it.complaints).toEqual(['bwrap is missing.']);
    expect(it.printed.at(-1)).toBe('2 ebuilds checked, 1 finding.');
  });

  test('when it is cancelled, nothing more is read or written', async () => {
    const it = openWorld({ 'a.ebuild': 'old\n', 'b.ebuild': 'old\n' });
    const cancelled = new AbortController();
    const scan = async () => cancelled.abort(new Error('The check was cancelled.'));
    const running = runCheckCommand({ ...options, fix: true }, { ...it.world, scan }, cancelled.signal);
    await expect(running).rejects.toThrow('The check was cancelled.');
    expect([...it.files.values()]).toEqual(['old\n', 'old\n']);
  });

  test('what is silenced is counted, listed in JSON, and makes no status', async () => {
    const it = openWorld({ 'a.ebuild': 'old\n' });
    const quiet = (file: string, text: string): Silencing => ({
      findings: [],
      silenced: check(file, text).findings.map((finding) => ({
        finding,
        reason: 'history',
        place: 'line 3',
      })),
    });
    const world = { ...it.world, check: quiet };
    expect(await runCheckCommand(options, world)).toBe(0);
    expect(it.printed).toEqual(['1 ebuild checked, no findings, 1 silenced.']);
    expect(await runCheckCommand({ ...options, format: 'json' }, world)).toBe(0);
    expect(JSON.parse(it.printed[1] ?? '').files).toEqual([
      {
        file: 'a.ebuild',
        fixed: false,
        findings: [],
        silenced: [
          {
            code: 'package-moved',
            message: 'old is wrong.',
            range: { start: { line: 1, column: 1 }, end: { line: 1, column: 4 } },
            reason: 'history',
            place: 'line 3',
          },
        ],
      },
    ]);
  });

  test('JSON is one document', async () => {
    const it = openWorld({ 'a.ebuild': 'old\n' }, 'A master is missing.');
    expect(await runCheckCommand({ ...options, format: 'json' }, it.world)).toBe(1);
    expect(it.printed).toHaveLength(1);
    expect(JSON.parse(it.printed[0] ?? '')).toMatchObject({
      format: 1,
      incomplete: ['A master is missing.'],
      files: [
        {
          file: 'a.ebuild',
          fixed: false,
          findings: [{ code: 'package-moved', range: { start: { line: 1, column: 1 }, end: { column: 4 } } }],
        },
      ],
    });
    expect(it.complaints).toEqual(['A master is missing.']);
  });
});

describe('listEbuilds', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ebuild-audit-list-'));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test('finds every ebuild below a folder, follows no circle and enters no hidden folder', async () => {
    for (const name of ['a/b', '.git/x']) mkdirSync(join(folder, name), { recursive: true });
    for (const name of ['a/b/b-2.ebuild', 'a/b/b-1.ebuild', 'a/b/Manifest', '.git/x/c-1.ebuild'])
      writeFileSync(join(folder, name), '');
    symlinkSync('..', join(folder, 'a/up'));
    expect(await listEbuilds(folder)).toEqual([
      join(folder, 'a/b/b-1.ebuild'),
      join(folder, 'a/b/b-2.ebuild'),
    ]);
    await expect(listEbuilds(join(folder, 'absent'))).rejects.toThrow(
      /does not exist: name an ebuild or a folder of ebuilds\.$/,
    );
  });
});
