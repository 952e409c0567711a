/**
 * `npm test`: sets up what is missing, builds, checks types and style, and runs every test: the native helper's own under the
 * sanitizers, the rooms', real trials, and the packaged extension in a real workbench. Ends with one line of counts.
 */
import { spawnSync } from 'node:child_process';
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

/** Runs a program; `count` reads what it came to, otherwise its exit status is one test. */
function step(
  name: string,
  command: readonly string[],
  count?: (output: string) => Counts | undefined,
): void {
  console.log(`\n=== ${name}`);
  const began = performance.now();
  const [program = '', ...args] = command;
  const counting = count !== undefined;
  const result = spawnSync(program, args, {
    stdio: ['ignore', counting ? 'pipe' : 'inherit', 'inherit'],
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (counting) process.stdout.write(result.stdout ?? '');
  const failed = result.status !== 0;
  const counts = count?.(result.stdout ?? '') ?? {
    passed: failed ? 0 : 1,
    failed: failed ? 1 : 0,
    skipped: 0,
  };
  // A runner that dies after its last test has failed, whatever it counted.
  if (failed && counts.failed === 0) counts.failed = 1;
  add(name, counts, (performance.now() - began) / 1000);
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
step('build', [node, 'scripts/run.mjs', 'build']);
step('types and rooms', [node, 'node_modules/typescript/bin/tsc', '-b']);
step('lint and format', [node, 'node_modules/@biomejs/biome/bin/biome', 'check']);
step('native helper, sanitized', ['make', '-s', '-C', 'server/native', 'check']);
const report = 'out/vitest.json';
rmSync(report, { force: true });
step(
  'rooms and trials',
  [
    node,
    'node_modules/vitest/vitest.mjs',
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
  ],
  () => readVitestReport(report),
);
step('packaged extension in a workbench', [node, 'scripts/run.mjs', '../test/editor/run'], readClosingLine);

console.log(`\n${summary.join('\n')}\n`);
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exitCode = total.failed === 0 ? 0 : 1;
