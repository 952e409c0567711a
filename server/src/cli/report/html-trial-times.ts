/** The trials of a review in the order of time. */
import type { Html } from '../../page/html-text.ts';
import { formatTimeLine, kindOfPhase, type TimedPart, type TimedRow } from '../../page/html-time-line.ts';
import type { AuditedSide, TrialSpan } from '../../review/audit-side.ts';
import type { Review } from '../../review/review.ts';

/** Shows when each trial of a review ran, and what it did. */
export function formatTrialTimes(review: Review): Html {
  return formatTimeLine({ rows: listRows(review), elapsed: review.elapsed, subject: 'Trial' });
}

function listRows({ ebuilds, began }: Review): TimedRow[] {
  const seen = new Set<TrialSpan>();
  const rows = ebuilds.flatMap(({ path, from = path, before, after }) => [
    ...(before === undefined ? [] : toRow(`${nameOf(from)}, base`, before, began, seen)),
    ...toRow(nameOf(path), after, began, seen),
  ]);
  return rows.sort((left, right) => (left.parts[0]?.began ?? 0) - (right.parts[0]?.began ?? 0));
}

const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** @param seen the trials that have a row: the head may have answered for the base */
function toRow(name: string, { trial }: AuditedSide, start: number, seen: Set<TrialSpan>): TimedRow[] {
  if (trial.kind === 'refused' || seen.has(trial.time)) return [];
  seen.add(trial.time);
  const { began, ended, phases } = trial.time;
  const isStored = trial.record.storedAt !== undefined;
  const starts = [{ name: '', began }, ...phases].map((phase) => ({
    kind: isStored ? ('record' as const) : kindOfPhase(phase.name),
    began: phase.began - start,
  }));
  const parts: TimedPart[] = [];
  for (const [at, { kind, began: from }] of starts.entries()) {
    const to = starts[at + 1]?.began ?? ended - start;
    const last = parts.at(-1);
    if (last?.kind === kind) parts.splice(-1, 1, { ...last, ended: to });
    else parts.push({ kind, began: from, ended: to });
  }
  return [{ name, parts }];
}
