import { conclude } from '../audit/conclusion.ts';
import type { Limit } from '../errors/limit.ts';
import type { StatusParams } from '../protocol.ts';
import type { OpenEbuild } from './open-ebuild.ts';

/**
 * The status of an ebuild as a client shows it.
 *
 * @param limits every reason why something about it is not checked
 */
export function describeStatus(ebuild: OpenEbuild, limits: readonly Limit[]): StatusParams {
  return { ...describeTrial(ebuild), ...(limits.length === 0 ? {} : { limits }) };
}

function describeTrial(ebuild: OpenEbuild): StatusParams {
  const { uri, trials, trial } = ebuild;
  const { record, change } = trial;
  const log = record === undefined || record.log === '' ? {} : { log: record.log };
  if (trials.count > 0)
    return { uri, state: trials.isWaiting ? 'waiting' : 'running', message: trials.activity, ...log };
  if (trials.problem !== undefined) {
    const { state, message, mend } = trials.problem;
    return { uri, state, message, ...log, ...(mend === undefined ? {} : { mend }) };
  }
  const verdict = ebuild.verdict();
  if (record === undefined || verdict === undefined)
    return { uri, state: 'unknown', message: 'No trial has been run yet.' };
  return { uri, ...conclude(record, verdict, { now: Date.now(), change }), ...log };
}
