/**
 * `npm test`: sets up what is missing, builds, checks types and style, and runs every test: the native helper's own under the
 * sanitizers, the rooms', real trials, and the packaged extension in a real workbench. Each file of tests has its line as soon as it is
 * done, on a terminal and elsewhere. Ends with one line of counts.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { setUp } from './set-up/set-up.ts';

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

const total: Counts = { passed: 0, failed: 0, skipped: 0 };
const summary: string[] = [];

function add(name: string, counts: Counts, seconds: number): void {
  total.passed += counts.passed;
  total.failed += counts.failed;
  total.skipped += counts.skipped;
  summary.push(
    `${name.padEnd(34)} ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped (${seconds.toFixed(0)} s)`,
  );
}

/** How a step's tests are counted; without either its exit status is one test. */
interface Counting {
  /** From all that the program has printed, which is shown while it runs. */
  readonly fromOutput?: (output: string) => Counts | undefined;
  /** From what it has left when it ends. */
  readonly atEnd?: () => Counts;
}

async function step(name: string, command: readonly string[], counting: Counting = {}): Promise<void> {
  console.log(`\n=== ${name}`);
  const began = performance.now();
  const { status, output } = await run(command, counting.fromOutput !== undefined);
  const failed = status !== 0;
  const counts = counting.fromOutput?.(output) ??
    counting.atEnd?.() ?? {
      passed: failed ? 0 : 1,
      failed: failed ? 1 : 0,
      skipped: 0,
    };
  // A runner that dies after its last test has failed, whatever it counted.
  if (failed && counts.failed === 0) counts.failed = 1;
  add(name, counts, (performance.now() - began) / 1000);
}

/** Runs a program that prints to where we print; resolves with what it has printed to standard output where that is to be kept. */
async function run(
  [program = '', ...args]: readonly string[],
  keep: boolean,
): Promise<{ status: number | null; output: string }> {
  const child = spawn(program, args, { stdio: ['ignore', keep ? 'pipe' : 'inherit', 'inherit'] });
  let output = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    process.stdout.write(text);
  });
  try {
    const [status] = await once(child, 'close');
    return { status, output };
  } catch (error) {
    console.error((error as Error).message);
    return { status: null, output };
  }
}

/** The closing line `N passed, N failed, N skipped`. */
function readClosingLine(output: string): Counts | undefined {
  const found = [...output.matchAll(/^(\d+) passed, (\d+) failed, (\d+) skipped$/gm)].at(-1);
  if (found === undefined) return undefined;
  return { passed: Number(found[1]), failed: Number(found[2]), skipped: Number(found[3]) };
}

function readVitestReport(path: string): Counts {
  try {
    const report = JSON.parse(readFileSync(path, 'utf8'));
    const suites = report.testResults as { status: string; assertionResults: unknown[] }[];
    // A file that cannot be loaded has no tests of its own to fail.
    const unloadable = suites.filter(
      (suite) => suite.status === 'failed' && suite.assertionResults.length === 0,
    ).length;
    return {
      passed: report.numPassedTests,
      failed: report.numFailedTests + unloadable,
      skipped: report.numPendingTests + (report.numTodoTests ?? 0),
    };
  } catch {
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

const node = process.execPath;
if (!(await setUp({ editor: true }))) {
  console.log('0 passed, 1 failed, 0 skipped');
  process.exit(2);
}
await step('build', [node, 'scripts/run.mjs', 'build']);
await step('types and rooms', [node, 'node_modules/typescript/bin/tsc', '-b']);
await step('lint and format', [node, 'node_modules/@biomejs/biome/bin/biome', 'check']);
await step('native helper, sanitized', ['make', '-s', '-C', 'server/native', 'check']);
const report = 'out/vitest.json';
rmSync(report, { force: true });
await step(
  'rooms and trials',
  [
    node,
    'node_modules/vitest/vitest.mjs',
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
  ],
  { atEnd: () => readVitestReport(report) },
);
await step('packaged extension in a workbench', [node, 'scripts/run.mjs', '../test/editor/run'], {
  fromOutput: readClosingLine,
});

console.log(`\n${summary.join('\n')}\n`);
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exitCode = total.failed === 0 ? 0 : 1;
