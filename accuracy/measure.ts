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
import { describeAll, listMistakes, type Mistake } from './mistakes.ts';
import type { AutomagicCase, Project } from './project.ts';
import type { Attempt, ProjectResult, Remark } from './result.ts';

export interface Measure {
  /** Whether all kinds of mistakes are made, and not only forgotten packages. */
  readonly mistakes: boolean;
  readonly runner: TrialRunner;
  readonly readFacts: ReadFacts;
  /** Runs the work in its turn, with as many trials at a time as the user wants. */
  inTurn<T>(key: string, work: () => Promise<T>): Promise<T>;
  /** Reports the start of a trial, in a few words. */
  say(line: string): void;
}

/** The result of one trial of a text. */
interface Trial {
  readonly text: string;
  readonly record: TrialRecord;
  readonly findings: readonly Finding[];
  readonly seconds: number;
}

/** The number of fixes that are applied at most, in case a fix does not make its finding disappear. */
const MOST_FIXES = 20;

/**
 * Runs all trials of one project. A wrong verdict is part of the result; it only rejects if a trial cannot be run at all.
 *
 * @param file the correct ebuild in a repository that the builder can read
 * @param text the text of the file
 */
export async function measureProject(
  project: Project,
  file: string,
  text: string,
  measure: Measure,
): Promise<ProjectResult> {
  const { readFacts } = measure;
  const declarations = listDeclarations(readFacts(text));
  const iuse = (/^IUSE="([^"]*)"/m.exec(text)?.[1] ?? '')
    .split(/\s+/)
    .map((flag) => flag.replace(/^[+-]/, ''));
  const hasFlags = iuse.some((flag) => flag !== '');
  const trial = async (
    what: string,
    tried: string,
    how: Pick<TrialRequest, 'matrix' | 'flags' | 'quick'> = {},
  ): Promise<Trial> =>
    // Two mistakes may have the same description, and a second trial of the same key would replace the first.
    measure.inTurn(`${file} ${what} ${tried}`, async () => {
      measure.say(`${project.name}: ${what} …`);
      const began = performance.now();
      const record = await measure.runner.run(
        { file, text: tried, ...how },
        { progress: () => {}, record: () => {} },
      );
      const findings = inTextOrder(judge(record, readFacts(tried)).findings);
      return { text: tried, record, findings, seconds: (performance.now() - began) / 1000 };
    });

  const names = [...new Set(declarations.map((declaration) => declaration.package))];
  const right = await trial('as it is', text, hasFlags ? { matrix: 'single' } : {});
  const forget = async (name: string): Promise<Attempt> => {
    const expected = declarations.filter((declaration) => declaration.package === name);
    const matrix = statesOf(
      expected.flatMap(({ conditions }) => conditions.map((condition) => condition.replace('!', ''))),
    );
    const without = forgetPackage(text, name, readFacts);
    const examine = (tried: Trial) => examineForgotten(tried, text, name, expected, readFacts);
    const quick = examine(await trial(`without ${name}`, without, { ...matrix, quick: true }));
    // A package without which the build passes is only found by comparing builds.
    return quick.found.length === quick.expected.length
      ? quick
      : examine(await trial(`without ${name}, compared`, without, matrix));
  };
  const err = async ({ kind, what, text: wrong }: Mistake): Promise<Attempt> => {
    const matrix = statesOf(flagsOfChange(text, wrong).filter((flag) => iuse.includes(flag)));
    const examine = (tried: Trial) => ({
      ...examineMistake(tried, { correct: text, what, runOnly: project.runOnly }, readFacts),
      mistake: kind,
    });
    if (kind === 'pair' || kind === 'line' || kind === 'apart') {
      const quick = examine(await trial(what, wrong, { ...matrix, quick: true }));
      if (quick.restored === true) return quick;
    }
    return examine(await trial(`${what}, compared`, wrong, matrix));
  };
  /** The flags of the declarations that a mistake concerns. */
  const flagsOfChange = (correct: string, wrong: string): readonly string[] => {
    const [before, after] = [describeAll(correct, readFacts), describeAll(wrong, readFacts)];
    const changed = [
      ...before.filter((line) => !after.includes(line)),
      ...after.filter((line) => !before.includes(line)),
    ];
    return changed.flatMap((line) =>
      [...line.matchAll(/(?:^|\s)!?([\w+@-]+)\?(?=\s)/g)].flatMap(([, flag = '']) => flag),
    );
  };
  const [forgotten, mistakes, unneeded, automagic] = await Promise.all([
    Promise.all(names.map(forget)),
    Promise.all((measure.mistakes ? listMistakes(text, readFacts, project.runOnly) : []).map(err)),
    trial(`with ${project.unneeded}`, declare(text, project.unneeded, readFacts)).then((tried) =>
      examineUnneeded(tried, project.unneeded),
    ),
    Promise.all(
      project.automagic.map(async (automagicCase) => {
        const { packages } = automagicCase;
        const tried = await trial(`${packages.join(', ')} not ruled out`, loosen(text, automagicCase));
        return examineAutomagic(tried, automagicCase, readFacts);
      }),
    ),
  ]);
  return {
    name: project.name,
    buildSystem: project.buildSystem,
    attempts: [examineRight(right), ...forgotten, ...mistakes, unneeded, ...automagic],
  };
}

/** The USE states that a mistake in a declaration under flags concerns; the right ebuild is tried in all of them. */
function statesOf(flags: readonly string[]): Pick<TrialRequest, 'matrix' | 'flags'> {
  return flags.length === 0 ? {} : { matrix: 'single', flags: [...new Set(flags)].sort() };
}

function examineRight(trial: Trial): Attempt {
  return {
    ...basics('right', 'the right ebuild', trial),
    expected: [],
    found: [],
    wrong: loud(trial.findings),
  };
}

/** A finding is right if its edit declares the package again. A finding about another package is a false alarm. */
function examineForgotten(
  trial: Trial,
  correct: string,
  name: string,
  expected: readonly Declaration[],
  readFacts: ReadFacts,
): Attempt {
  const verdict = (text: string) => ({
    findings: inTextOrder(judge(trial.record, readFacts(text)).findings),
  });
  let text = fixAll(trial.text, verdict);
  for (let count = 0; count < MOST_FIXES; count++) {
    const { findings } = verdict(text);
    const right = findings.find((finding) => declaresMore(finding, text, [name], readFacts));
    if (right === undefined) break;
    text = applyEdits(text, right.fix?.edits ?? []);
  }
  const declared = listDeclarations(readFacts(text)).map(describeDeclaration);
  const wanted = expected.map(describeDeclaration);
  return {
    ...basics('forgotten', `without ${name}`, trial),
    expected: wanted,
    found: wanted.filter((declaration) => declared.includes(declaration)),
    wrong: loud(trial.findings.filter((finding) => !declaresMore(finding, trial.text, [name], readFacts))),
    restored: sortDependencies(text, readFacts) === sortDependencies(correct, readFacts),
    fixed: text,
  };
}

/** A mistake that was made in a correct ebuild. */
interface Made {
  readonly correct: string;
  readonly what: string;
  readonly runOnly: Project['runOnly'];
}

/**
 * A finding is right if its edit brings the text nearer to the correct ebuild. All such edits are made. What is expected is that the text then
 * declares the same.
 */
function examineMistake(trial: Trial, { correct, what, runOnly }: Made, readFacts: ReadFacts): Attempt {
  const wanted = describeAll(correct, readFacts, runOnly);
  const distance = (text: string): number => {
    const declared = describeAll(text, readFacts, runOnly);
    const lacking = wanted.filter((line) => !declared.includes(line));
    return lacking.length + declared.filter((line) => !wanted.includes(line)).length;
  };
  const findEdit = ({ fix, alternatives = [] }: Finding, text: string) =>
    [fix, ...alternatives].find(
      (edit) => edit !== undefined && distance(applyEdits(text, edit.edits)) < distance(text),
    )?.edits;
  const findingsOf = (text: string) => inTextOrder(judge(trial.record, readFacts(text)).findings);
  let text = fixAll(trial.text, (today) => ({ findings: findingsOf(today) }));
  for (let count = 0; count < MOST_FIXES; count++) {
    const [edits] = findingsOf(text).flatMap((finding) => {
      const nearer = findEdit(finding, text);
      return nearer === undefined ? [] : [nearer];
    });
    if (edits === undefined) break;
    text = applyEdits(text, edits);
  }
  const isRight = (finding: Finding) => findEdit(finding, trial.text) !== undefined;
  const isRestored = distance(text) === 0;
  return {
    ...basics('mistake', what, trial),
    expected: [what],
    found: isRestored || trial.findings.some(isRight) ? [what] : [],
    wrong: loud(trial.findings.filter((finding) => !isRight(finding))),
    restored: isRestored,
    fixed: text,
  };
}

function examineUnneeded(trial: Trial, atom: string): Attempt {
  const isAboutIt = ({ code, range }: Finding) =>
    code === 'unused' && trial.text.slice(range.start, range.end) === atom;
  return {
    ...basics('unneeded', `with ${atom}`, trial),
    expected: [`unused: ${atom}`],
    found: trial.findings.some(isAboutIt) ? [`unused: ${atom}`] : [],
    wrong: loud(trial.findings.filter((finding) => !isAboutIt(finding))),
  };
}

function examineAutomagic(trial: Trial, { packages }: AutomagicCase, readFacts: ReadFacts): Attempt {
  // A package that another one needs cannot be hidden. Then its use is reported as a missing dependency.
  const isAbout = (finding: Finding, name: string) =>
    isLoud(finding) && declaresMore(finding, trial.text, [name], readFacts);
  return {
    ...basics('automagic', `${packages.join(', ')} not ruled out`, trial),
    expected: packages.map((name) => `automagic: ${name}`),
    found: packages
      .filter((name) => trial.findings.some((finding) => isAbout(finding, name)))
      .map((name) => `automagic: ${name}`),
    wrong: loud(trial.findings.filter((finding) => !packages.some((name) => isAbout(finding, name)))),
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

/** The errors and warnings, which an author must act on. Other findings are advice. */
function loud(findings: readonly Finding[]): Remark[] {
  return findings.filter(isLoud).map(remark);
}

function isLoud({ severity }: Finding): boolean {
  return severity === 'error' || severity === 'warning';
}

/** Whether the edit of the finding adds a declaration of one of the packages. */
function declaresMore(
  { fix }: Finding,
  text: string,
  names: readonly string[],
  readFacts: ReadFacts,
): boolean {
  if (fix === undefined) return false;
  const count = (version: string) =>
    listDeclarations(readFacts(version)).filter((declaration) => names.includes(declaration.package)).length;
  return count(applyEdits(text, fix.edits)) > count(text);
}

function declare(text: string, atom: string, readFacts: ReadFacts): string {
  return applyEdits(text, addAtom(readFacts(text), 'DEPEND', atom));
}

/** @throws an Error if a part is not in the text exactly once, because the case is out of date */
function loosen(text: string, { without }: AutomagicCase): string {
  return without.reduce((left, part) => {
    const [before, after, ...more] = left.split(part);
    if (before === undefined || after === undefined || more.length > 0)
      throw new Error(`The ebuild does not hold ${JSON.stringify(part)} exactly once.`);
    return before + after;
  }, text);
}
