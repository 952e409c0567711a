/** The world of `ebuild-audit sweep`. */
import { join } from 'node:path';
import { judgeSilenced } from '../audit/silencing/judge-silenced.ts';
import { createRepositoryRules } from '../check/repository-rules.ts';
import { parseEbuild } from '../ebuild/facts.ts';
import { outlineEbuild } from '../ebuild/outline.ts';
import { readText } from '../files/regular-file.ts';
import { findBuilder, type RunnerSettings } from '../host/find-world.ts';
import { readEbuild } from '../repository/ebuild-text.ts';
import { createEclassLookup, type EclassLookup } from '../repository/eclass.ts';
import { parseMaintainers } from '../repository/maintainers.ts';
import { findFamily, readRepository } from '../repository/repository.ts';
import { identifyFinding } from '../review/compare-findings.ts';
import type { Found, FoundFinding } from '../sweep/journal.ts';
import { createNeedsReader } from '../sweep/needs-reader.ts';
import type { Belonging, SweepWorld } from '../sweep/run-sweep.ts';
import type { SweptEbuild } from '../sweep/swept-ebuild.ts';
import { readLastDurations } from '../trial/records/last-durations.ts';
import { openBaseline } from './baseline.ts';
import type { CommandSetting } from './command-setting.ts';
import { COULD_NOT_RUN } from './exit-status.ts';
import { statusOf } from './file-trial.ts';
import { describeTrial } from './report/json-report.ts';
import type { TrialResult } from './report/report.ts';
import { openRunner, settingsOf } from './runner.ts';
import type { SweepFlags } from './sweep-arguments.ts';
import { runSweepCommand } from './sweep-command.ts';
import { createSweepLine } from './sweep-line.ts';
import { findSweptPaths } from './sweep-scope.ts';
import { openTerminal } from './terminal.ts';

export interface SweepSetting extends CommandSetting {
  /** May have paths. */
  readonly input: NodeJS.ReadableStream;
}

/** Runs `ebuild-audit sweep` on this machine. @returns the exit code @throws what {@link runSweepCommand} throws */
export async function sweepHere(
  paths: readonly string[],
  flags: SweepFlags,
  setting: SweepSetting,
): Promise<number> {
  const { interrupted, product } = setting;
  const now = () => performance.now();
  const { progress, print } = openTerminal();
  const line = createSweepLine(progress, now);
  const complain = (sentence: string) => {
    line.clear();
    setting.complain(sentence);
  };
  const parser = await setting.readParser();
  const readFacts = (text: string) => parseEbuild(text, parser);
  const rulesOf = createRepositoryRules(complain);
  const baseline = openBaseline(flags.baseline === undefined ? {} : { baseline: flags.baseline });
  const settings = settingsOf(flags, flags.jobs);
  const { quick = false, tests = false, useMatrix: states = {} } = flags;
  const repositories = createRepositories(settings.root, readFacts);
  return runSweepCommand(
    {
      jobs: flags.jobs,
      fresh: flags.fresh === true,
      quick,
      tests,
      ...states,
      live: flags.live === true,
      newest: flags.newest === true,
      output: flags.output,
      resume: flags.resume === true,
      since: flags.since,
    },
    {
      ...{ print, complain, line, now },
      ...repositories,
      find: () => findSweptPaths({ paths, range: flags.range }, setting.input, interrupted),
      readNeeds: createNeedsReader((text) => outlineEbuild(text, parser)),
      openDurations: async () =>
        readLastDurations(await findBuilder(settings), {
          quick,
          matrix: states.matrix ?? 'none',
          ...(states.flags !== undefined && { flags: states.flags }),
          ...(tests && { tests }),
        }),
      runner: await openRunner(flags, settings, readFacts, complain, product),
      check: () => demandBuilder(settings),
      readFile: readEbuild,
      describe(ebuild, text, record) {
        const verdict = judgeSilenced(record, readFacts(text), rulesOf(ebuild.path));
        const shown = baseline?.hide(ebuild.path, verdict) ?? verdict;
        return describeFound(ebuild.file, { text, record, verdict: shown });
      },
      date: setting.date,
    },
    interrupted,
  );
}

/** @throws UserError if there is no root, no package manager or no state folder */
async function demandBuilder(settings: RunnerSettings): Promise<void> {
  await findBuilder(settings);
}

/** What a trial has found, in the form of the JSON report of `trial`. */
export function describeFound(file: string, result: TrialResult): Found {
  const { outcome, failure, findings, log, storedAt } = describeTrial(file, result, false, null);
  return {
    // The last record of a trial has one of these.
    outcome: outcome === 'passed' ? 'passed' : 'failed',
    failure: failure ?? null,
    judged: statusOf(result) !== COULD_NOT_RUN,
    findings: findings as readonly FoundFinding[],
    identities: result.verdict.findings.map(identifyFinding),
    silenced: result.verdict.silenced?.length ?? 0,
    log,
    storedAt,
  };
}

/** What is known of the repositories of a sweep. Each is read once. */
export function createRepositories(
  root: string,
  readFacts: (text: string) => ReturnType<typeof parseEbuild>,
): Pick<SweepWorld, 'belongingOf'> & { repositoryOf(ebuild: SweptEbuild): string } {
  const known = new Map<string, { readonly name: string; readonly eclasses: EclassLookup }>();
  const silent = () => {};
  const open = (location: string) => {
    const found = known.get(location);
    if (found !== undefined) return found;
    const places = findFamily(location, root === '' ? '/' : root, silent).repositories;
    const opened = {
      name: readRepository(location, silent).name,
      eclasses: createEclassLookup(
        places.map((place) => place.location),
        () => undefined,
        silent,
      ),
    };
    known.set(location, opened);
    return opened;
  };
  return {
    repositoryOf: ({ repository }) => open(repository).name,
    belongingOf({ repository, package: name }, text): Belonging {
      const { name: repositoryName, eclasses } = open(repository);
      const metadata = readText(join(repository, name, 'metadata.xml'), [repository], silent);
      const inherited = text === undefined ? [] : readFacts(text).inherits.map((eclass) => eclass.name);
      // Those that no repository here has are named all the same.
      const names = new Set([
        ...inherited,
        ...Array.from(eclasses.sources(inherited), (source) => source.name),
      ]);
      return {
        repository: repositoryName,
        maintainers: parseMaintainers(metadata ?? ''),
        eclasses: [...names].sort(),
      };
    },
  };
}
