import { formatColumns } from '../bench/table.ts';
import type { Attempt, ProjectResult } from './result.ts';

/** The sums over all projects, each with the number of cases. */
export interface Totals {
  readonly projects: number;
  readonly atoms: { readonly all: number; readonly found: number };
  /** Errors and warnings that are right, and those that are not. */
  readonly alarms: { readonly right: number; readonly wrong: number };
  /** Forgotten packages: how many were found in every variable, and whose ebuild was restored. */
  readonly restored: { readonly all: number; readonly found: number; readonly exact: number };
  readonly automagic: { readonly all: number; readonly told: number };
  readonly unneeded: { readonly all: number; readonly told: number };
  /** Packages that builds looked for without an effect, and that were not reported. */
  readonly harmlessProbes: number;
  /** Of each kind of mistake: how many were made, found, and restored. */
  readonly mistakes: readonly {
    readonly kind: string;
    readonly all: number;
    readonly found: number;
    readonly exact: number;
  }[];
  /** Correct ebuilds, and those of them without an error or warning. */
  readonly right: { readonly all: number; readonly silent: number };
}

const HEADS = [
  'project',
  'build system',
  'atoms',
  'found',
  'false',
  'restored',
  'unused',
  'automagic',
  'advice',
  'seconds',
];

const sum = <T>(items: readonly T[], of: (item: T) => number) =>
  items.reduce((total, item) => total + of(item), 0);
const ofKind = ({ attempts }: ProjectResult, kind: Attempt['kind']) =>
  attempts.filter((attempt) => attempt.kind === kind);
const countFound = (attempts: readonly Attempt[]) => sum(attempts, ({ found }) => found.length);
const countExpected = (attempts: readonly Attempt[]) => sum(attempts, ({ expected }) => expected.length);
const countRestored = (attempts: readonly Attempt[]) =>
  attempts.filter(({ restored }) => restored === true).length;

/** Adds up the results, without projects that could not be measured. */
export function addUp(results: readonly ProjectResult[]): Totals {
  const measured = results.filter(({ refusal }) => refusal === undefined);
  const all = (kind: Attempt['kind']) => measured.flatMap((result) => ofKind(result, kind));
  const [forgotten, automagic, unneeded] = [all('forgotten'), all('automagic'), all('unneeded')];
  return {
    projects: measured.length,
    atoms: { all: countExpected(forgotten), found: countFound(forgotten) },
    alarms: {
      right: countFound(forgotten) + countFound(automagic) + countFound(all('mistake')),
      wrong: sum(measured, ({ attempts }) => sum(attempts, ({ wrong }) => wrong.length)),
    },
    restored: {
      all: forgotten.length,
      found: forgotten.filter(({ expected, found }) => found.length === expected.length).length,
      exact: countRestored(forgotten),
    },
    automagic: { all: countExpected(automagic), told: countFound(automagic) },
    unneeded: { all: unneeded.length, told: countFound(unneeded) },
    mistakes: countMistakes(all('mistake')),
    right: {
      all: all('right').length,
      silent: all('right').filter(({ wrong }) => wrong.length === 0).length,
    },
    harmlessProbes: sum([...all('right'), ...automagic], (attempt) => attempt.harmlessProbes),
  };
}

function countMistakes(attempts: readonly Attempt[]): Totals['mistakes'] {
  const kinds = [...new Set(attempts.flatMap(({ mistake }) => mistake ?? []))].sort();
  return kinds.map((kind) => {
    const ofKind = attempts.filter(({ mistake }) => mistake === kind);
    return { kind, all: ofKind.length, found: countFound(ofKind), exact: countRestored(ofKind) };
  });
}

/**
 * The interval that holds the true share with a probability of 95 % (E. B. Wilson, "Probable Inference, the Law of Succession, and Statistical
 * Inference", 1927), in per cent. Unlike the usual one it is right for shares near 1.
 */
export function confidenceInterval(part: number, whole: number): readonly [low: number, high: number] {
  const z = 1.96;
  const share = part / whole;
  const middle = share + z ** 2 / (2 * whole);
  const spread = z * Math.sqrt((share * (1 - share)) / whole + z ** 2 / (4 * whole ** 2));
  const scale = 100 / (1 + z ** 2 / whole);
  return [Math.max(0, scale * (middle - spread)), Math.min(100, scale * (middle + spread))];
}

/** Formats the table, with a line for each project. */
export function formatResults(results: readonly ProjectResult[]): string {
  return formatColumns(HEADS, results.map(toCells));
}

/** Formats the table as Markdown. */
export function formatMarkdown(results: readonly ProjectResult[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const rule = HEADS.map((_, column) => (column < 2 ? '---' : '---:'));
  return [HEADS, rule, ...results.map(toCells)].map(line).join('\n');
}

function toCells(result: ProjectResult): string[] {
  const { name, buildSystem, refusal, attempts } = result;
  if (refusal !== undefined) return [name, buildSystem, 'not measured', '', '', '', '', '', '', ''];
  const [right, forgotten, unneeded, automagic] = (
    ['right', 'forgotten', 'unneeded', 'automagic'] as const
  ).map((kind) => ofKind(result, kind)) as [Attempt[], Attempt[], Attempt[], Attempt[]];
  const foundOf = (kind: readonly Attempt[]) =>
    kind.length === 0 ? '–' : `${countFound(kind)}/${countExpected(kind)}`;
  const advice = sum(
    right,
    ({ findings }) =>
      findings.filter(({ severity }) => severity === 'information' || severity === 'hint').length,
  );
  return [
    name,
    buildSystem,
    String(countExpected(forgotten)),
    String(countFound(forgotten)),
    String(sum(attempts, ({ wrong }) => wrong.length)),
    `${countRestored(forgotten)}/${forgotten.length}`,
    foundOf(unneeded),
    foundOf(automagic),
    String(advice),
    sum(attempts, ({ seconds }) => seconds).toFixed(0),
  ];
}

/** Recall, precision and the other shares, one a line. */
export function formatTotals(results: readonly ProjectResult[]): string[] {
  const { projects, atoms, alarms, restored, automagic, unneeded, harmlessProbes, mistakes, right } =
    addUp(results);
  const share = (part: number, whole: number) => {
    if (whole === 0) return 'nothing to measure';
    const [low, high] = confidenceInterval(part, whole);
    return `${((100 * part) / whole).toFixed(1)} % (${part} of ${whole}; 95 % interval ${low.toFixed(1)} to ${high.toFixed(1)} %)`;
  };
  const edited = [restored, ...mistakes];
  const every = {
    kind: 'forgotten packages and other mistakes',
    all: sum(edited, ({ all }) => all),
    found: sum(edited, ({ found }) => found),
    exact: sum(edited, ({ exact }) => exact),
  };
  return [
    `projects measured: ${projects}`,
    `right ebuilds: ${share(right.silent, right.all)} without an error or warning; wanted: 100 %`,
    `recall: ${share(atoms.found, atoms.all)} of the atoms were found again, in the right variable and under the right flags; wanted: at least 99.5 %`,
    `precision: ${share(alarms.right, alarms.right + alarms.wrong)} of the errors and warnings were right; wanted: at least 99.8 %`,
    `exact fixes: ${share(restored.exact, restored.all)} of the ebuilds were restored by their edits; wanted: at least 98 %`,
    `automagic: ${share(automagic.told, automagic.all)} were told, and ${harmlessProbes} harmless probes were not reported`,
    `unused: ${share(unneeded.told, unneeded.all)} packages added without need were told`,
    ...(mistakes.length === 0 ? [] : [every, ...mistakes]).map(
      ({ kind, all, found, exact }) =>
        `${kind}: ${share(found, all)} were found, and ${share(exact, all)} restored`,
    ),
  ];
}

/** Describes each deviation from the expected results in one line. */
export function listDeviations(results: readonly ProjectResult[]): string[] {
  return results.flatMap(({ name, refusal, attempts }) => [
    ...(refusal === undefined ? [] : [`${name}: not measured. ${refusal}`]),
    ...attempts.flatMap((attempt) =>
      describeDeviations(attempt).map((deviation) => `${name}, ${attempt.what}: ${deviation}`),
    ),
  ]);
}

function describeDeviations(attempt: Attempt): string[] {
  const missed = attempt.expected.filter((expected) => !attempt.found.includes(expected));
  const reported = attempt.findings.map(({ code }) => code).join(', ') || 'nothing';
  return [
    ...(attempt.kind === 'right' && attempt.outcome !== 'passed'
      ? [`it does not build: ${attempt.failure ?? 'no reason was given'}`]
      : []),
    ...missed.map((expected) => `missed ${expected} (said: ${reported})`),
    ...attempt.wrong.map(({ code, message }) => `wrong ${code}: ${message}`),
    ...(attempt.restored === false && missed.length === 0 ? ['found, but not restored exactly'] : []),
  ];
}
