import { expect, test } from 'vitest';
import { readPkgcheckOutput } from '../../server/src/check/pkgcheck-result.ts';
import { findRefusal } from '../../server/src/evaluation/refusal.ts';
import { throwIfDisturbed } from '../../server/src/host/disturbance.ts';
import { findFullDisk, stripEscapes } from '../../server/src/host/output-text.ts';
import { type Denial, findNamed } from '../../server/src/trace/denial.ts';
import { explainsFailure } from '../../server/src/trial/builder/explained-failure.ts';
import { findFirstError } from '../../server/src/trial/builder/first-error.ts';
import { isSpoiltBySteps } from '../../server/src/trial/builder/steps/spoilt.ts';
import {
  readCmakeCache,
  readCmakeChecks,
  readConfigVersion,
} from '../../server/src/trial/reading/cmake-checks.ts';
import { readMesonChecks, readMesonVariables } from '../../server/src/trial/reading/meson-checks.ts';

const denial = (path: string): Denial => ({
  package: { category: 'cat', name: 'png', version: '1', slot: '0', subslot: '0', use: [] },
  phase: 'configure',
  variable: 'DEPEND',
  evidence: [
    { phase: 'configure', program: '', chain: [], operation: 'read', path, result: 'denied', count: 1 },
  ],
  first: 0,
  last: 0,
  kinds: ['header'],
  bounds: [],
  weak: false,
});
const denials = [denial('/usr/share/aclocal/ax_check_zlib.m4'), denial('/usr/include/png.h')];

/** What reads text that a build has printed or written, by the name of the reader. */
const READERS: Readonly<Record<string, (text: string) => unknown>> = {
  isSpoiltBySteps,
  findFirstError,
  'findRefusal of the output': (text) => findRefusal('EAPI=8', text),
  'findRefusal of the ebuild': (text) => findRefusal(text, ''),
  findFullDisk,
  stripEscapes,
  findNamed: (text) => denials.map(findNamed(text)),
  explainsFailure: (text) => denials.map((denied) => explainsFailure(denied, text.slice(0, 300))),
  throwIfDisturbed(text) {
    throwIfDisturbed({ output: text, phase: 'compile', seesDeaths: false, memoryKills: 0 });
  },
  readPkgcheckOutput,
  readCmakeChecks,
  readCmakeCache,
  readConfigVersion,
  readMesonChecks,
  readMesonVariables,
};

/**
 * Parts of which a text is made by repeating them. Each begins what one of the patterns looks for and never ends it, or separates what it
 * looks for, so that a careless pattern starts again at each of them.
 */
const PARTS = [
  ' /tmp/',
  'No such file or directory',
  '/tmp/ No such file or directory\n',
  ' ',
  '\n',
  '\t \n',
  'a',
  'a.',
  'a:',
  'a: ',
  '1:',
  "'",
  '"',
  '.',
  ':',
  ';',
  '-',
  '*',
  '* ',
  '>>> ',
  '[',
  '(',
  '@1',
  '@a',
  '\\',
  '#',
  '\u001b',
  '\u001b[0',
  '\u001b]',
  '\u009b',
  'Error',
  'Invalid',
  'InvalidX.',
  'E ',
  "thread '",
  "thread ' '",
  ' failed (',
  'failed. ',
  'ERROR: ',
  'ERROR: a failed ',
  '\nERROR: a failed (depend phase):',
  'metadata phase for package ',
  'x.ebuild: line 1',
  ' at ',
  ' at x line 1',
  'Package ',
  "No package '",
  '1 out of ',
  'tar: ',
  'configure:',
  'Base class package "',
  'not ok ',
  'warning:',
  'note:',
  'CMake Error at x:\n',
  'CMake Error:',
  '-- No package ',
  'A required package was not found\n',
  ': line 1: 1',
  '*** [',
  'fork: ',
  'EAPI=',
  'EAPI=8 ',
  'AX_',
  'AX_CHECK',
  'png_',
  'find_package(a 1 ',
  'find_package(a 1)\n',
  'find_package ',
  'FIND_PACKAGE_MESSAGE_DETAILS_A:INTERNAL=[',
  'a_DIR:PATH=/',
  '_DIR',
  'set(',
  'set(\n',
  "dependency('a', version : '",
  "dependency('a', version : '> 1')\n",
  'dependency(',
  'dependency([',
  "'''",
  "f'@a@",
  'a=',
  "a = 'b'\n",
  'a = a + a\n',
  '{"',
  '{\n',
];

/** In milliseconds, for twice the text: long before the user of an editor is kept waiting. */
const SLOWEST = 1000;

/** The time of this process's processors in milliseconds: other programs of the machine do not count. */
function measure(run: () => unknown): number {
  let least = Number.POSITIVE_INFINITY;
  // The first rounds warm up.
  for (let round = 0; round < 3; round += 1) {
    const before = process.cpuUsage();
    try {
      run();
    } catch (error) {
      // An error for the user is an answer too.
      expect((error as Error).name).toBe('SandboxError');
    }
    const { user, system } = process.cpuUsage(before);
    least = Math.min(least, (user + system) / 1000);
    if (least > SLOWEST) break;
  }
  return least;
}

/** The part of a build log that is kept in memory has four times as many characters. */
const LENGTH = 2 ** 16;
/** Below this, in milliseconds, a time says nothing: the compiler and the garbage collector take as much. */
const NOISE = 60;

const makeText = (part: string, length: number) => part.repeat(Math.ceil(length / part.length));

/**
 * Tells whether the time grows with the square of the length: four times the text then takes 16 times as long, and 4 times where it is
 * linear. A ratio between the two is chance only if it does not come again.
 *
 * @param run reads a text of so many characters, or things
 * @returns the times in milliseconds where it does, for a person
 */
function findQuadratic(run: (length: number) => unknown, length: number): string | undefined {
  let times = '';
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const long = measure(() => run(length));
    if (long < NOISE) return undefined;
    const short = measure(() => run(length / 4));
    times = `${short} ms, then ${long} ms for four times as much`;
    if (long > SLOWEST) return times;
    if (long <= 8 * short) return undefined;
  }
  return times;
}

test.each(Object.keys(READERS))('%s takes a time in proportion to the text', (name) => {
  const read = READERS[name] as (text: string) => unknown;
  const slow = PARTS.flatMap((part) => {
    const times = findQuadratic((length) => read(makeText(part, length)), 2 * LENGTH);
    return times === undefined ? [] : [`${JSON.stringify(part)}: ${times}`];
  });
  expect(slow).toEqual([]);
});

test('a Meson file whose variables double a string does not fill the memory', () => {
  const doubled = Array.from({ length: 60 }, (_, index) => `a${index + 1} = a${index} + a${index}`);
  const text = `a0 = '>= 1.2'\n${doubled.join('\n')}\ndependency('x', version : a60)\ndependency('y', version : a0)\n`;
  expect(readMesonChecks(text)).toEqual([{ name: 'y', operator: '>=', version: '1.2', line: 63 }]);
});

test('many assignments of a Meson file are read in a time in proportion to their number', () => {
  const makeFile = (count: number) =>
    Array.from({ length: count }, (_, index) => `v${index} = '1'`).join('\n');
  expect(findQuadratic((count) => readMesonChecks(makeFile(count)), 20_000)).toBe(undefined);
});

test('a time that grows with the square of the length is found', () => {
  const compareAll = (length: number) => {
    let equal = 0;
    for (let left = 0; left < length; left += 1)
      for (let right = 0; right < length; right += 1) if (left % 7 === right % 5) equal += 1;
    return equal;
  };
  expect(findQuadratic(compareAll, 16_000)).toContain('for four times as much');
});
