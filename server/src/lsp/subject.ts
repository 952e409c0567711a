import type { TextDocument } from 'vscode-languageserver-textdocument';
import { conclude } from '../audit/conclusion.ts';
import type { Verdict } from '../audit/finding.ts';
import type { TrialRecord } from '../audit/record.ts';
import type { StatusParams } from '../protocol.ts';

/** What the server knows of one ebuild. */
export interface Subject {
  /** Set while the client has it open. */
  document?: TextDocument;
  /** What the newest trial saw, of a running one as far as it has come. */
  record?: TrialRecord;
  /** What that trial rested on, besides the text, and is no longer as it was. */
  change?: string | undefined;
  /** The newest trial that could not be run, or was refused, until the next one. */
  problem?: string;
  /** How many trials of it run or wait, and what the newest says of itself. */
  trials: number;
  activity: string;
}

/** The status of an ebuild as a client shows it. `judge` is total. */
export function describeStatus(
  uri: string,
  subject: Subject,
  judge: (record: TrialRecord, text: string, uri: string) => Verdict,
): StatusParams {
  const { record, problem, change } = subject;
  const log = record === undefined || record.log === '' ? {} : { log: record.log };
  if (subject.trials > 0) return { uri, state: 'running', message: subject.activity, ...log };
  if (problem !== undefined) return { uri, state: 'failed', message: problem, ...log };
  if (record === undefined) return { uri, state: 'unknown', message: 'No trial has been run yet.' };
  const text = subject.document?.getText() ?? record.text;
  const state = { now: Date.now(), change };
  return { uri, ...conclude(record, judge(record, text, uri), text, state), ...log };
}
