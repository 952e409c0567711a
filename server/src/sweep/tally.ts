import { type FoundFinding, isUntried, type SweepLine } from './journal.ts';

/** The findings of one kind. */
interface Row {
  readonly name: string;
  ebuilds: number;
  errors: number;
  warnings: number;
  /** Information and hints. */
  advice: number;
  /** Findings that the last sweep did not have. */
  added: number;
}

/** What a sweep has found in the ebuilds that something has in common, such as a maintainer. */
export interface GroupRow extends Row {
  /** Ebuilds with an error or a warning. */
  faulty: number;
}

/** A code, with some of the ebuilds that have it. */
export interface CodeRow extends Row {
  readonly examples: string[];
}

/** A finding that the last sweep did not have. */
export interface AddedFinding {
  readonly file: string;
  readonly code: string;
  readonly severity: FoundFinding['severity'];
  readonly message: string;
}

/** An ebuild, and a sentence about it. */
export interface Note {
  readonly file: string;
  readonly sentence: string;
}

/** A sweep as far as it has come. */
export interface SweepSummary {
  /** Ebuilds with a line. */
  readonly ebuilds: number;
  readonly clean: number;
  readonly faulty: number;
  /** Failed for a reason that no finding explains. */
  readonly unjudged: number;
  readonly untried: number;
  readonly fromRecords: number;
  readonly codes: readonly CodeRow[];
  readonly maintainers: readonly GroupRow[];
  readonly eclasses: readonly GroupRow[];
  /** Undefined if there is no earlier sweep; the list is cut. */
  readonly added: { readonly count: number; readonly first: readonly AddedFinding[] } | undefined;
  /** The lists are cut. */
  readonly notJudged: readonly Note[];
  readonly notTried: readonly Note[];
}

/** The findings of an earlier sweep. */
export interface KnownFindings {
  note(line: SweepLine): void;
  /** Whether some version of the package had the finding. */
  has(file: string, identity: string): boolean;
}

/** Counts what a sweep finds, ebuild by ebuild. What it keeps does not grow with the number of ebuilds. */
export interface Tally {
  /** Takes the line of an ebuild, each once. */
  add(line: SweepLine): void;
  read(): SweepSummary;
}

/** More examples and notes are nothing that somebody reads; the journal has them. */
const MOST_EXAMPLES = 40;
const MOST_NOTES = 500;

export function createKnownFindings(): KnownFindings {
  const known = new Set<string>();
  const keyOf = (file: string, identity: string) => `${file.slice(0, file.lastIndexOf('/'))}\n${identity}`;
  return {
    note(line) {
      if (isUntried(line)) return;
      for (const identity of line.identities) known.add(keyOf(line.file, identity));
    },
    has: (file, identity) => known.has(keyOf(file, identity)),
  };
}

/** @param known the findings of the last sweep; undefined if there is none */
export function createTally(known: KnownFindings | undefined): Tally {
  const counts = { ebuilds: 0, clean: 0, faulty: 0, unjudged: 0, untried: 0, fromRecords: 0 };
  const codes = new Map<string, CodeRow>();
  const maintainers = new Map<string, GroupRow>();
  const eclasses = new Map<string, GroupRow>();
  const added: AddedFinding[] = [];
  let addedCount = 0;
  const notJudged: Note[] = [];
  const notTried: Note[] = [];
  const note = (notes: Note[], file: string, sentence: string) => {
    if (notes.length < MOST_NOTES) notes.push({ file, sentence });
  };

  return {
    add(line) {
      const { file } = line;
      counts.ebuilds++;
      if (isUntried(line)) {
        counts.untried++;
        note(notTried, file, line.problem);
        return;
      }
      const { findings, identities, failure } = line;
      if (line.storedAt !== null) counts.fromRecords++;
      const own = emptyRow(file);
      const seen = new Set<CodeRow>();
      for (const [at, finding] of findings.entries()) {
        const isAdded = known !== undefined && !known.has(file, identities[at] ?? '');
        const row = codes.get(finding.code) ?? { ...emptyRow(finding.code), examples: [] };
        codes.set(finding.code, row);
        if (!seen.has(row)) {
          row.ebuilds++;
          if (row.examples.length < MOST_EXAMPLES) row.examples.push(file);
        }
        seen.add(row);
        for (const counted of [own, row]) count(counted, finding, isAdded);
        if (!isAdded) continue;
        addedCount++;
        const { code, severity, message } = finding;
        if (added.length < MOST_NOTES) added.push({ file, code, severity, message });
      }
      const isFaulty = own.errors + own.warnings > 0;
      if (isFaulty) counts.faulty++;
      else if (line.judged) counts.clean++;
      else {
        counts.unjudged++;
        note(
          notJudged,
          file,
          failure === null ? 'It failed.' : `${failure.phase} failed: ${failure.firstError}`,
        );
      }
      for (const [rows, names] of [
        [maintainers, line.maintainers],
        [eclasses, line.eclasses],
      ] as const)
        for (const name of names) join(rows, name, own, isFaulty);
    },
    read: () => ({
      ...counts,
      codes: sortRows(codes),
      maintainers: sortRows(maintainers),
      eclasses: sortRows(eclasses),
      added: known === undefined ? undefined : { count: addedCount, first: added },
      notJudged,
      notTried,
    }),
  };
}

function emptyRow(name: string): Row {
  return { name, ebuilds: 0, errors: 0, warnings: 0, advice: 0, added: 0 };
}

function count(row: Row, { severity }: FoundFinding, isAdded: boolean): void {
  if (severity === 'error') row.errors++;
  else if (severity === 'warning') row.warnings++;
  else row.advice++;
  if (isAdded) row.added++;
}

function join(rows: Map<string, GroupRow>, name: string, own: Row, isFaulty: boolean): void {
  const row = rows.get(name) ?? { ...emptyRow(name), faulty: 0 };
  rows.set(name, row);
  row.ebuilds++;
  if (isFaulty) row.faulty++;
  row.errors += own.errors;
  row.warnings += own.warnings;
  row.advice += own.advice;
  row.added += own.added;
}

/** Most faults first. */
function sortRows<Kind extends Row>(rows: ReadonlyMap<string, Kind>): readonly Kind[] {
  return [...rows.values()].sort(
    (left, right) =>
      right.errors - left.errors ||
      right.warnings - left.warnings ||
      right.advice - left.advice ||
      (left.name < right.name ? -1 : 1),
  );
}
