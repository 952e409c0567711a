import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { requireOrSkip } from '../support/requirement.ts';
import { missing, NATIVE } from './setup.ts';

const can = requireOrSkip(missing);

/** Calls that are newer than the kernel headers of older machines. They have the same number everywhere. */
const YOUNG = new Set(['fchmodat2']);

/** The rows of the table in calls.c: name and the numbers for x86-64, i386, aarch64 and arm. */
const rows = [
  ...readFileSync(join(NATIVE, 'trace/calls.c'), 'utf8').matchAll(
    /^\t\{"(\w+)", (-?\d+), (-?\d+), (-?\d+), (-?\d+),/gm,
  ),
]
  .map(([, name = '', ...numbers]) => ({
    name,
    x86_64: Number(numbers[0]),
    i386: Number(numbers[1]),
    aarch64: Number(numbers[2]),
  }))
  .filter(({ name }) => !YOUNG.has(name));

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

  can('has the numbers of the 64-bit kernel header for aarch64', () => {
    // The generic table is that of aarch64 with these three definitions. Names of calls that aarch64 does not have stay undefined.
    const numbers = numbersOf(
      'asm-generic/unistd.h',
      rows.map(({ name }) => name),
    );
    const asked = rows.map(({ name }, i) => ({ name, number: numbers[i] }));
    expect(asked).toEqual(rows.map(({ name, aarch64 }) => ({ name, number: aarch64 })));
  });

  if (process.arch === 'x64') {
    can('has the numbers of the kernel headers for x86-64 and i386', () => {
      const wide = numbersOf(
        'asm/unistd_64.h',
        rows.map(({ name }) => name),
      );
      expect(wide).toEqual(rows.map(({ x86_64 }) => x86_64));
      const narrow = numbersOf(
        'asm/unistd_32.h',
        rows.map(({ name }) => ON_I386[name] ?? name),
      );
      expect(narrow).toEqual(rows.map(({ i386 }) => i386));
    });
  }
});
