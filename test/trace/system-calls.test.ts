import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { requireOrSkip } from '../support/requirement.ts';
import { OTHER_NAMES, WITHOUT_FILE } from './system-calls.ts';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

/** Column of the table of calls.c, and the headers that may have the numbers of that architecture. */
const ARCHITECTURES = [
  { name: 'x86-64', column: 0, header: 'x86_64-linux-gnu/asm/unistd_64.h' },
  { name: 'i386', column: 1, header: 'x86_64-linux-gnu/asm/unistd_32.h' },
  { name: 'arm64', column: 2, header: 'asm-generic/unistd.h' },
  // Gentoo has no folder for each architecture.
  { name: 'x86-64', column: 0, header: 'asm/unistd_64.h' },
  { name: 'i386', column: 1, header: 'asm/unistd_32.h' },
].filter(({ header }) => existsSync(`/usr/include/${header}`));

/** Calls that are traced for what they do to processes: they show who sends a signal. */
const OF_PROCESSES = new Set(['SIGNAL', 'PRCTL', 'LIMIT', 'CLONE']);

/** The other rows of the table of calls.c: a name may have two rows with different architectures. */
const TRACED = [...read('server/native/trace/calls.c').matchAll(/^\t\{"(\w+)", ([-\d, ]+), CALL_(\w+)/gm)]
  .filter(([, , , kind = '']) => !OF_PROCESSES.has(kind))
  .map(([, name = '', numbers = '']) => ({ name, numbers: numbers.split(', ').map(Number) }));

const NEWEST = Number(/NEWEST_CALL = (\d+)/.exec(read('server/native/trace/calls.h'))?.[1]);

const DOCUMENT = read('docs/trace-format.md');
/** The section with the ways to name a file. */
const WAYS = DOCUMENT.slice(DOCUMENT.indexOf('\n## Every way to name a file')).split(/\n## /)[1] ?? '';
const rows = WAYS.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| way'));
/** The words of a column of the table that are set as code. */
const codesIn = (column: number): string[] =>
  rows.flatMap((row) =>
    [...(row.split(' | ')[column] ?? '').matchAll(/`([^`]+)`/g)].map(([, word = '']) => word),
  );

function callsOf(header: string): Map<string, number> {
  const text = readFileSync(`/usr/include/${header}`, 'utf8');
  const names = text.matchAll(/^#define __NR(?:3264)?_(\w+) (\d+)$/gm);
  return new Map([...names].map(([, name = '', number]) => [name, Number(number)]));
}

const can = requireOrSkip(
  ARCHITECTURES.length > 0 ? undefined : 'there are no kernel headers (apt install linux-libc-dev)',
);

describe.each(ARCHITECTURES)('the calls of $name', ({ column, header }) => {
  // The generic header has the calls of 32-bit machines too, and names that are no calls.
  const isOther = (name: string) =>
    name === 'arch_specific_syscall' || name === 'syscalls' || (column === 2 && name.endsWith('time64'));
  const calls = [...callsOf(header)].filter(([name]) => !isOther(name));

  can('each names no file, or is traced under its number', () => {
    expect(calls.length).toBeGreaterThan(250);
    for (const [written, number] of calls) {
      const name = OTHER_NAMES.get(written) ?? written;
      const numbers = TRACED.filter((call) => call.name === name).map((call) => call.numbers[column]);
      if (numbers.length === 0)
        expect(WITHOUT_FILE.has(name), `${name} may name a file: trace it, or add it to WITHOUT_FILE`).toBe(
          true,
        );
      else {
        expect(WITHOUT_FILE.has(name), name).toBe(false);
        expect(numbers, name).toContain(number);
      }
    }
  });

  can('none is newer than the tracer', () => {
    expect(Math.max(...calls.map(([, number]) => number))).toBeLessThanOrEqual(NEWEST);
  });
});

test('the table of ways names every traced call and every way that is tried, and no other', () => {
  const others = ['exit', 'exit_group', 'seccomp'];
  const traced = new Set(TRACED.map(({ name }) => name).filter((name) => !others.includes(name)));
  const named = new Set(codesIn(0).filter((word) => /^[a-z]\w+$/.test(word)));
  expect([...traced].filter((name) => !named.has(name))).toEqual([]);

  const hide = read('test/hostile/programs/hide.c');
  const tried = [...hide.matchAll(/\b(RECORDED|GAP)\((\w+)\)/g)].filter(([, , name]) => name !== 'way');
  expect(tried.length).toBeGreaterThan(60);
  const shown = codesIn(2).filter((word) => !word.includes('/'));
  expect(shown.sort()).toEqual(tried.map(([, , name = '']) => name).sort());
  for (const [, kind, name = ''] of tried) {
    const row = rows.find((line) => line.split(' | ')[2]?.includes(`\`${name}\``));
    expect(row?.split(' | ')[1], name).toMatch(kind === 'GAP' ? /^gap/ : /^recorded/);
  }
});
