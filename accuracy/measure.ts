import type { Finding } from '../server/src/audit/finding.ts';
import { inTextOrder } from '../server/src/audit/finding-order.ts';
import { fixAll } from '../server/src/audit/fix-all.ts';
import { judge } from '../server/src/audit/judge.ts';
import type { TrialRecord } from '../server/src/audit/record.ts';
import { addAtom } from '../server/src/ebuild/edit/edit.ts';
import { applyEdits } from '../server/src/ebuild/text-edit.ts';
import type { TrialRequest, TrialRunner } from '../server/src/trial/trial.ts';
import {
  type Declaration,
  describeDeclaration,
  forgetPackage,
  listDeclarations,
  type ReadFacts,
  sortDependencies,
} from './declaration.ts';
import type { AutomagicCase, Project } from './project.ts';
import type { Attempt, ProjectResult, Remark } from './result.ts';

export interface Measure {
  readonly runner: TrialRunner;
  readonly readFacts: ReadFacts;
  /** Runs the work when it is its turn; so many trials at once as the user wants. */
  inTurn<T>(key: string, work: () => Promise<T>): Promise<T>;
  /** Told what is being tried, in a few words. */
  say(line: string): void;
}

/** What one trial of a text came to. */
interface Trial {
  readonly text: string;
  readonly record: TrialRecord;
  readonly findings: readonly Finding[];
  readonly seconds: number;
}

/** More fixes than findings can't be needed. */
const MOST_FIXES = 20;

/**
 * Tries everything that the measure asks of one project. What goes wrong is part of the result; only a trial that can't be run at all
 * rejects.
 *
 * @param file the right ebuild in a repository that the builder can read
 * @param text of the file
 */
export async function measureProject(
  project: Project,
  file: string,
  text: string,
  measure: Measure,
): Promise<ProjectResult> {
  const { readFacts } = measure;
  const declarations = listDeclarations(readFacts(text));
  const hasFlags = /^IUSE="[^"]*\w/m.test(text);
  const trial = async (
    what: string,
    tried: string,
    how: Pick<TrialRequest, 'matrix' | 'quick'> = {},
  ): Promise<Trial> =>
    measure.inTurn(`${file} ${what}`, async () => {
      measure.say(`${project.name}: ${what} …`);
      const began = performance.now();
      const record = await measure.runner.run(
        { file, text: tried, ...how },
        { progress: () => {}, record: () => {} },
      );
      const findings = inTextOrder(judge(record, readFacts(tried)).findings);
      return { text: tried, record, findings, seconds: (performance.now() - began) / 1000 };
    });

  const names = [...new Set(declarations.map((one) => one.package))];
  const right = await trial('as it is', text, hasFlags ? { matrix: 'single' } : {});
  const forget = async (name: string): Promise<Attempt> => {
    const of = declarations.filter((one) => one.package === name);
    const matrix = of.some(({ conditions }) => conditions.length > 0) ? { matrix: 'single' as const } : {};
    const without = forgetPackage(text, name, readFacts);
    const examine = (tried: Trial) => examineForgotten(tried, text, name, of, readFacts);
    const quick = examine(await trial(`without ${name}`, without, { ...matrix, quick: true }));
    // What the build can do without is only found by comparing.
    return quick.found.length === quick.expected.length
      ? quick
      : examine(await trial(`without ${name}, compared`, without, matrix));
  };
  const [forgotten, unneeded, automagic] = await Promise.all([
    Promise.all(names.map(forget)),
    trial(`with ${project.unneeded}`, declare(text, project.unneeded, readFacts)).then((tried) =>
      examineUnneeded(tried, project.unneeded),
    ),
    Promise.all(
      project.automagic.map(async (one) => {
        const tried = await trial(`${one.packages.join(', ')} not ruled out`, loosen(text, one));
        return examineAutomagic(tried, one, readFacts);
      }),
    ),
  ]);
  return {
    name: project.name,
    buildSystem: project.buildSystem,
    attempts: [examineRight(right), ...forgotten, unneeded, ...automagic],
  };
}

function examineRight(trial: Trial): Attempt {
  return {
    ...basics('right', 'the right ebuild', trial),
    expected: [],
    found: [],
    wrong: loud(trial.findings),
  };
}

/** The finding is right where its edit brings the package back; one about another package is a false alarm. */
function examineForgotten(
  trial: Trial,
  right: string,
  name: string,
  expected: readonly Declaration[],
  readFacts: ReadFacts,
): Attempt {
  const verdict = (text: string) => ({
    findings: inTextOrder(judge(trial.record, readFacts(text)).findings),
  });
  let text = fixAll(trial.text, verdict);
  for (let count = 0; count < MOST_FIXES; count++) {
    const finding = verdict(text).findings.find((one) => declaresMore(one, text, [name], readFacts));
    if (finding === undefined) break;
    text = applyEdits(text, finding.fix?.edits ?? []);
  }
  const mended = listDeclarations(readFacts(text)).map(describeDeclaration);
  const wanted = expected.map(describeDeclaration);
  return {
    ...basics('forgotten', `without ${name}`, trial),
    expected: wanted,
    found: wanted.filter((one) => mended.includes(one)),
    wrong: loud(trial.findings.filter((one) => !declaresMore(one, trial.text, [name], readFacts))),
    restored: sortDependencies(text, readFacts) === sortDependencies(right, readFacts),
    mended: text,
  };
}

function examineUnneeded(trial: Trial, atom: string): Attempt {
  const isAboutIt = ({ code, range }: Finding) =>
    code === 'unused' && trial.text.slice(range.start, range.end) === atom;
  return {
    ...basics('unneeded', `with ${atom}`, trial),
    expected: [`unused: ${atom}`],
    found: trial.findings.some(isAboutIt) ? [`unused: ${atom}`] : [],
    wrong: loud(trial.findings.filter((one) => !isAboutIt(one))),
  };
}

function examineAutomagic(trial: Trial, { packages }: AutomagicCase, readFacts: ReadFacts): Attempt {
  // What is visible because another package brings it can't be hidden; its use is told as a missing dependency then.
  const isAbout = (finding: Finding, name: string) =>
    isLoud(finding) && declaresMore(finding, trial.text, [name], readFacts);
  return {
    ...basics('automagic', `${packages.join(', ')} not ruled out`, trial),
    expected: packages.map((name) => `automagic: ${name}`),
    found: packages
      .filter((name) => trial.findings.some((one) => isAbout(one, name)))
      .map((name) => `automagic: ${name}`),
    wrong: loud(trial.findings.filter((one) => !packages.some((name) => isAbout(one, name)))),
  };
}

function basics(kind: Attempt['kind'], what: string, { record, findings, seconds }: Trial) {
  return {
    kind,
    what,
    outcome: record.outcome,
    ...(record.failure === undefined ? {} : { failure: record.failure.firstError }),
    findings: findings.map(remark),
    harmlessProbes: record.probes.filter(({ effect }) => effect === 'none').length,
    untriedProbes: record.probes.filter(({ effect }) => effect === 'untried').length,
    gaps: record.gaps,
    seconds,
  };
}

function remark({ code, severity, message }: Finding): Remark {
  return { code, severity, message };
}

/** Findings that an author has to do something about; the others are advice. */
function loud(findings: readonly Finding[]): Remark[] {
  return findings.filter(isLoud).map(remark);
}

function isLoud({ severity }: Finding): boolean {
  return severity === 'error' || severity === 'warning';
}

/** Whether the finding's edit makes the text declare one of the packages where it did not. */
function declaresMore(
  { fix }: Finding,
  text: string,
  names: readonly string[],
  readFacts: ReadFacts,
): boolean {
  if (fix === undefined) return false;
  const count = (of: string) =>
    listDeclarations(readFacts(of)).filter((one) => names.includes(one.package)).length;
  return count(applyEdits(text, fix.edits)) > count(text);
}

function declare(text: string, atom: string, readFacts: ReadFacts): string {
  return applyEdits(text, addAtom(readFacts(text), 'DEPEND', atom));
}

/** Throws an Error where a part does not stand in the text exactly once: then the case is out of date. */
function loosen(text: string, { without }: AutomagicCase): string {
  return without.reduce((left, part) => {
    const [before, after, ...more] = left.split(part);
    if (before === undefined || after === undefined || more.length > 0)
      throw new Error(`The ebuild does not hold ${JSON.stringify(part)} exactly once.`);
    return before + after;
  }, text);
}
