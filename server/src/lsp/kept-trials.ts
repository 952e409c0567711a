import { printAge } from '../audit/age.ts';
import type { TrialRecord } from '../audit/record.ts';
import { isForUser } from '../errors/user-error.ts';
import { showLine } from '../errors/visible-text.ts';
import type { StoredTrials } from '../trial/records/stored-trials.ts';
import { toEbuildFile } from './from-protocol.ts';
import type { OpenEbuild } from './open-ebuild.ts';

/** A trial that can be compared. */
export interface KeptRecord {
  readonly id: string;
  readonly record: TrialRecord;
}

/** The trial of this session, if it is not stored, and the stored ones, the newest first. */
export async function listKept(
  uri: string,
  ebuild: OpenEbuild | undefined,
  openStored: (uri: string) => Promise<StoredTrials>,
): Promise<{ readonly trials: readonly KeptRecord[]; readonly problem?: string }> {
  const current = ebuild?.trial.record;
  const [own] = current === undefined || current.outcome === 'running' ? [] : [current];
  const target = toEbuildFile(uri);
  try {
    const stored = 'file' in target ? (await openStored(uri)).list(target.file) : [];
    const isStored = own !== undefined && stored.some((record) => isSameTrial(record, own));
    const records = own === undefined || isStored ? stored : [own, ...stored];
    return { trials: records.map((record) => ({ id: idOf(record), record })) };
  } catch (error) {
    const trials = own === undefined ? [] : [{ id: idOf(own), record: own }];
    return { trials, problem: isForUser(error) ? error.message : 'The stored trials cannot be read.' };
  }
}

/** Each trial has a log of its own, and stored ones have the time of their end. */
function isSameTrial(stored: TrialRecord, own: TrialRecord): boolean {
  if (own.storedAt !== undefined) return own.storedAt === stored.storedAt;
  return own.log !== '' && own.log === stored.log;
}

const idOf = ({ storedAt }: TrialRecord): string => (storedAt === undefined ? 'current' : `${storedAt}`);

/** When a trial ended, such as `3 hours ago`. @param now milliseconds since the epoch */
export function nameTrial({ storedAt }: TrialRecord, now: number): string {
  return storedAt === undefined ? 'the last trial, which is not stored' : printAge(storedAt, now);
}

/** What a list says of a trial. @param text the text of now */
export function describeKept(record: TrialRecord, text: string | undefined): string {
  const { outcome, packageManager, iuse, use, needs, storedAt } = record;
  const flags = iuse.map((flag) => (use.includes(flag) ? flag : `-${flag}`)).join(' ');
  const parts = [
    outcome,
    needs.length === 0 ? 'nothing missing' : `${needs.length} missing`,
    packageManager,
    ...(flags === '' ? [] : [`USE="${flags}"`]),
    ...(text === record.text ? ['the text of now'] : []),
    ...(storedAt === undefined ? [] : [new Date(storedAt).toISOString()]),
  ];
  return showLine(parts.join(', '));
}
