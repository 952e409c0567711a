import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { requireOrSkip } from '../support/requirement.ts';
import { missing, NATIVE } from './setup.ts';

const can = requireOrSkip(missing);

/** The first number of a call that the kernel headers of older machines lack. From here on, calls have one number everywhere. */
const YOUNG = 450;

/** The rows of the table in calls.c: name and the numbers for x86-64, i386, aarch64 and arm. */
const rows = [
  ...readFileSync(join(NATIVE, 'trace/calls.c'), 'utf8').matchAll(
    /^\t\{"(\w+)", (-?\d+), (-?\d+), (-?\d+), (-?\d+),/gm,
  ),
].map(([, name = '', ...numbers]) => ({
  name,
  x86_64: Number(numbers[0]),
  i386: Number(numbers[1]),
  aarch64: Number(numbers[2]),
}));

/** Names that differ from those of x86-64. */
const ON_I386: Readonly<Record<string, string>> = { newfstatat: 'fstatat64' };

/** The numbers of system calls in a kernel header; -1 if it does not have the name. */
function numbersOf(header: string, names: readonly string[]): number[] {
  const source = `#define __ARCH_WANT_RENAMEAT\n#define __ARCH_WANT_NEW_STAT\n#define __ARCH_WANT_SET_GET_RLIMIT\n#include <${header}>\n${names.map((name) => `= __NR_${name}`).join('\n')}\n`;
  const text = execFileSync('cc', ['-E', '-P', '-x', 'c', '-'], { input: source, encoding: 'utf8' });
  return [...text.matchAll(/= (\w+)/g)].map(([, value = '']) => (/^\d+$/.test(value) ? Number(value) : -1));
}

describe('the native helper', () => {
  can(
    'passes its unit tests under the sanitizers',
    () => {
      const folder = mkdtempSync(join(tmpdir(), 'ebuild-audit-native-'));
      try {
        const output = execFileSync('make', ['-C', NATIVE, 'check', `OUT=${folder}`], {
          encoding: 'utf8',
          stdio: ['ignore', 'pipe', 'pipe'],
        });
        expect(output).toMatch(/\d{4,} checks, 0 failures/);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
    120_000,
  );

  can('is made in out/ or beside a copy, never between the sources', () => {
    const folder = mkdtempSync(join(tmpdir(), 'ebuild-audit-native-'));
    try {
      const copy = join(folder, 'native/source');
      cpSync(NATIVE, copy, { recursive: true });
      for (const [source, out] of [
        [NATIVE, '../../out/native/'],
        [copy, '../build/'],
      ] as const) {
        // -B lists also the commands for files that exist already.
        const said = execFileSync('make', ['-B', '-n', '-C', source, 'check'], { encoding: 'utf8' });
        const made = [...said.matchAll(/(?:-o |>)(\S+)/g)].map(([, path = '']) => path);
        expect(made.length).toBeGreaterThan(40);
        expect(made.filter((path) => !path.startsWith(out) && path !== '/dev/null')).toEqual([]);
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  can('would say which of its files call each other', () => {
    // In the form of nm -A -P -g: the files that define each symbol and the files that use it.
    const symbols = 'o/x/a.o: f T 0 1\no/x/a.o: g U  \no/y/b.o: g T 0 1\no/y/b.o: f U  \no/y/b.o: free U  \n';
    const say = (lines: string, ...more: string[]) => {
      const input = execFileSync(
        'awk',
        ['-v', 'top=o/', ...more, '-f', join(NATIVE, 'tests/calls-between.awk')],
        {
          input: lines,
        },
      );
      return spawnSync('tsort', { input, encoding: 'utf8' });
    };
    expect(say(symbols).status).not.toBe(0);
    expect(say(symbols).stderr).toMatch(/x\/a\.c[\s\S]*y\/b\.c/);
    expect(say(symbols, '-v', 'by_folder=1').stderr).toMatch(/: x\n[\s\S]*: y\n/);
    const oneWay = symbols.replace('o/y/b.o: f U  \n', '');
    expect(say(oneWay)).toMatchObject({ status: 0, stdout: 'x/a.c\ny/b.c\n' });
  });

  can('has a row for every call it knows', () => {
    expect(rows.length).toBeGreaterThan(40);
  });

  const headers: readonly (readonly ['aarch64' | 'x86_64' | 'i386', string])[] = [
    // The generic table is that of aarch64 with these definitions.
    ['aarch64', 'asm-generic/unistd.h'],
    ...(process.arch === 'x64'
      ? ([
          ['x86_64', 'asm/unistd_64.h'],
          ['i386', 'asm/unistd_32.h'],
        ] as const)
      : []),
  ];
  for (const [column, header] of headers) {
    can(`has the numbers of the kernel header for ${column}`, () => {
      // An architecture may lack a call, or have it in another row of the table; test/trace/system-calls.test.ts finds a missing one.
      const known = rows.filter((row) => row[column] !== -1 && row[column] < YOUNG);
      const names = known.map(({ name }) => (column === 'i386' ? (ON_I386[name] ?? name) : name));
      const asked = numbersOf(header, names).map((number, at) => ({ name: known[at]?.name, number }));
      expect(asked).toEqual(known.map((row) => ({ name: row.name, number: row[column] })));
    });
  }
});
