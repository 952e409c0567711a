/**
 * `npm run accuracy [-- NAME…] [--short] [--mistakes|--reproduce [--quick]] [--share K/N] [--jobs N] [--keep] [--write]`: measures how often the verdicts are right, on
 * correct ebuilds of real projects from which one thing is removed (docs/accuracy.md). It takes hours and needs Debian.
 *
 * - NAME: measure only these projects.
 * - `--mistakes`: make all kinds of mistakes, and not only forget packages.
 * - `--share K/N`: measure every Nth project, from the Kth on.
 * - `--reproduce`: build the right ebuilds again with everything varied instead, and print which images are the same (docs/reproduce.md).
 *   `--quick`: build only twice, and do not look for the causes of a difference.
 * - `--short`: measure two small projects of our own instead.
 * - `--keep`: go on from the out/accuracy.json of the last run, or from accuracy/results.json.gz: their projects are not measured again, unless
 *   they are named. They must be of the same state of the code.
 * - `--write`: write the table to docs/accuracy.md, and the results to accuracy/results.json.gz after each project, so that another machine can
 *   go on.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openBash } from '../bench/bash.ts';
import { buildNativeHelper } from '../scripts/native-helper.ts';
import { setUp } from '../scripts/set-up/set-up.ts';
import { PRACTICE_PACKAGES } from '../scripts/set-up/system-packages.ts';
import { parseEbuild } from '../server/src/ebuild/facts.ts';
import { stateFolder } from '../server/src/package-manager/home.ts';
import { createReproductionRunner } from '../server/src/trial/reproduction/reproduction-runner.ts';
import { createTrialQueue } from '../server/src/trial/trial-queue.ts';
import { createTrialRunner } from '../server/src/trial/trial-runner.ts';
import { measureProject } from './measure.ts';
import { type Project, readProjects } from './project.ts';
import { formatMarkdown, formatResults, formatTotals, listDeviations } from './report.ts';
import {
  describeReproduction,
  formatReproductions,
  measureReproduction,
  type Reproduction,
} from './reproduction.ts';
import type { ProjectResult } from './result.ts';
import { listNeeds, openSources, provideNeeds } from './sources.ts';
import { compileQuickly, MEASURE_ROOT, openMeasureFolder, PRACTICE_ROOT } from './state-folder.ts';
import { readStoredResults, storeResults } from './stored-results.ts';

const PAGE = 'docs/accuracy.md';
const SETTINGS = { root: '', packageManager: 'auto', buildJobs: 0, bwrap: '' } as const;

const { values, positionals } = parseArgs({
  options: {
    short: { type: 'boolean' },
    mistakes: { type: 'boolean' },
    reproduce: { type: 'boolean' },
    quick: { type: 'boolean' },
    share: { type: 'string' },
    jobs: { type: 'string' },
    keep: { type: 'boolean' },
    write: { type: 'boolean' },
  },
  allowPositionals: true,
});
const list = values.short === true ? 'short-projects' : 'projects';
const stored = values.short === true ? 'out/accuracy-short.json' : 'out/accuracy.json';
const jobs = Number(values.jobs ?? 2);
if (!Number.isInteger(jobs) || jobs < 1) {
  console.error(
    'Usage: npm run accuracy -- [NAME…] [--short] [--mistakes|--reproduce [--quick]] [--share K/N] [--jobs N] [--keep] [--write]',
  );
  process.exit(2);
}

// The unprivileged user that builds for root must be able to read the files.
process.umask(0o022);
try {
  const projects = chooseShare(readProjects(list, positionals), values.share);
  const uid = process.geteuid?.() ?? 0;
  provideNeeds(projects, uid);
  const more = listNeeds(projects).filter((name) => !PRACTICE_PACKAGES.includes(name));
  const wider = { name: MEASURE_ROOT, packages: more };
  if (!(await setUp({ editor: false, ...(more.length > 0 && { wider }) }))) process.exit(2);
  // The program looks for it next to its own bundle, out/accuracy/main.mjs.
  await buildNativeHelper('out');
  const root = more.length > 0 ? MEASURE_ROOT : PRACTICE_ROOT;
  const state = stateFolder(process.env, uid);
  if (root === MEASURE_ROOT) compileQuickly(join(state, root));
  if (values.reproduce === true) console.log(formatReproductions(await reproduceAll(projects, state, root)));
  else report(await measure(projects, state, root));
} catch (error) {
  console.error(`accuracy: ${(error as Error).message}`);
  process.exitCode = 1;
}

function report(results: readonly ProjectResult[]): void {
  console.log(`\n${formatResults(results)}\n`);
  console.log(formatTotals(results).join('\n'));
  const deviations = listDeviations(results);
  if (deviations.length > 0) console.log(`\n${deviations.join('\n')}`);
  if (values.write === true) writePage(results);
}

/** The folder of a measurement, which is removed when the process ends, with the sources of its projects. */
async function openFolder(state: string, root: string) {
  const sources = openSources(join(state, 'sources/debian'), join(state, 'distfiles'));
  const folder = openMeasureFolder(state, root, 'accuracy/overlay');
  process.on('exit', () => folder.remove());
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));
  process.env.EBUILD_AUDIT_HOME = folder.home;
  const parser = await openBash();
  return { sources, folder, readFacts: (text: string) => parseEbuild(text, parser) };
}

/** Builds the projects one after another, because another build beside it would be a variation too. */
async function reproduceAll(
  projects: readonly Project[],
  state: string,
  root: string,
): Promise<readonly Reproduction[]> {
  const { sources, folder, readFacts } = await openFolder(state, root);
  const run = createReproductionRunner(SETTINGS, readFacts);
  const results: Reproduction[] = [];
  for (const project of projects) {
    sources.provide(project);
    const file = join(folder.overlay, project.ebuild);
    const result = await measureReproduction(project, file, run, values.quick === true);
    console.error(describeReproduction(result));
    results.push(result);
  }
  return results;
}

/** Measures the projects with `jobs` trials at a time, and stores each result at once. */
async function measure(
  projects: readonly Project[],
  state: string,
  root: string,
): Promise<readonly ProjectResult[]> {
  const { sources, folder, readFacts } = await openFolder(state, root);
  const runner = createTrialRunner(SETTINGS, readFacts, console.error);
  const queue = createTrialQueue(jobs);
  const results = new Map(
    (values.keep === true ? readStoredResults(stored) : []).map((result) => [result.name, result] as const),
  );
  // Projects are started one after another, so that an interrupted run has complete results. The queue has their trials.
  const waiting = projects.filter(({ name }) => positionals.includes(name) || !results.has(name));
  await Promise.all(
    Array.from({ length: jobs }, async () => {
      for (let project = waiting.shift(); project !== undefined; project = waiting.shift()) {
        const result = await measureOne(project);
        for (const deviation of listDeviations([result])) console.error(deviation);
        results.set(project.name, result);
        storeResults(stored, sorted(results), values.write === true && values.short !== true);
      }
    }),
  );
  return sorted(results);

  async function measureOne(project: Project): Promise<ProjectResult> {
    try {
      const named = [project.unneeded, ...project.automagic.flatMap(({ packages }) => packages)];
      const absent = named.filter((name) => !folder.hasPackage(name));
      if (absent.length > 0)
        throw new Error(
          `The root lacks ${absent.join(', ')}: add the Debian package to the "needs" of ${project.name}.`,
        );
      sources.provide(project);
      const file = join(folder.overlay, project.ebuild);
      return await measureProject(project, file, readFileSync(file, 'utf8'), {
        runner,
        readFacts,
        mistakes: values.mistakes === true,
        inTurn: (key, work) => queue.submit(key, work),
        say: console.error,
      });
    } catch (error) {
      const { name, buildSystem } = project;
      return { name, buildSystem, attempts: [], refusal: (error as Error).message };
    }
  }
}

function sorted(results: ReadonlyMap<string, ProjectResult>): readonly ProjectResult[] {
  return readProjects(list).flatMap(({ name }) => results.get(name) ?? []);
}

/** @throws an Error if the share is not written `K/N` */
function chooseShare(projects: readonly Project[], share: string | undefined): readonly Project[] {
  if (share === undefined) return projects;
  const [, first, count] = /^([1-9]\d*)\/([1-9]\d*)$/.exec(share) ?? [];
  if (first === undefined || count === undefined || Number(first) > Number(count))
    throw new Error(`--share ${share} is not K/N with K from 1 to N, such as 1/8.`);
  return projects.filter((_, index) => index % Number(count) === Number(first) - 1);
}

/** Writes the results below the explanations of the page. */
function writePage(results: readonly ProjectResult[]): void {
  const page = readFileSync(PAGE, 'utf8');
  const [explanation = ''] = page.split('\n## The last run\n');
  const system = /^PRETTY_NAME="?([^"\n]*)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? '';
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
  const deviations = listDeviations(results).map((line) => `- ${line}`);
  writeFileSync(
    PAGE,
    [
      `${explanation}\n## The last run\n`,
      `${new Date().toISOString().slice(0, 10)}, Ebuild Audit ${version}, ${system}, Node ${process.version}.\n`,
      `${formatMarkdown(results)}\n`,
      `${formatTotals(results)
        .map((line) => `- ${line}`)
        .join('\n')}\n`,
      ...(deviations.length === 0 ? [] : [`### What did not come out right\n\n${deviations.join('\n')}\n`]),
    ].join('\n'),
  );
}
