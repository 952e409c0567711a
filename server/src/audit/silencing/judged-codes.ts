import { nameInAtom, nameOf } from '../../pms/package-name.ts';
import type { TrialRecord } from '../record.ts';
import type { IgnoreRule } from './ignore-rule.ts';

/**
 * Whether a passed trial has looked for the findings that a rule names, so that their absence proves the rule stale.
 *
 * @param record judged against the text that was built
 */
export function hasJudged(record: TrialRecord, rule: IgnoreRule): boolean {
  // A finding under one USE flag only appears if that flag was tried.
  if (record.iuse.length > 0 && record.variants.length === 0) return false;
  return hasJudgedStates(record, rule);
}

/** Like {@link hasJudged}, for findings that show in the USE states that the trial has tried. */
export function hasJudgedStates(record: TrialRecord, rule: Pick<IgnoreRule, 'code' | 'about'>): boolean {
  const states = [record, ...record.variants];
  if (states.some(({ outcome }) => outcome !== 'passed')) return false;
  switch (rule.code) {
    case 'automagic':
      return states.every(({ probes }) => probes.every(({ effect }) => effect !== 'untried'));
    case 'unused':
      return rule.about !== undefined && states.every((state) => knowsUse(state, rule.about ?? ''));
    case 'inherited-atom':
      // The text may give it where a trial does not.
      return false;
    default:
      return true;
  }
}

/**
 * Whether the trial shows if a package is used: it was seen in use, a build without it was made, or it is no longer
 * declared.
 */
function knowsUse({ uses, removals, evaluated }: TrialRecord, name: string): boolean {
  const isUsed = uses.some(({ package: used, atom }) => nameOf(used) === name || nameInAtom(atom) === name);
  const tried = removals.filter(({ atom }) => nameInAtom(atom) === name);
  if (isUsed || tried.length > 0) return tried.every(({ outcome }) => outcome !== 'untried');
  return !Object.values(evaluated).some((specification) => specification.includes(name));
}
