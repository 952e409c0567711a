import { describeEvidence } from './evidence-sentence.ts';
import type { Finding } from './finding.ts';

/**
 * One link of the chain that leads to a finding: an access (`seen`), the owner of its path, the rule, or the result
 * of a trial.
 */
export interface ChainLink {
  readonly kind: 'seen' | 'owner' | 'rule' | 'trial';
  /** Without a full stop if it is not a sentence. */
  readonly text: string;
}

/**
 * The reasons for a finding: the chain phase – process – path – owner – rule, then the results of trials. Empty for a
 * finding of the text.
 */
export function chainOf({ evidence, why }: Finding): readonly ChainLink[] {
  return [
    ...evidence.map((access): ChainLink => ({ kind: 'seen', text: describeEvidence(access) })),
    ...(why?.owner === undefined ? [] : [{ kind: 'owner' as const, text: why.owner }]),
    ...(why === undefined ? [] : [{ kind: 'rule' as const, text: why.rule }]),
    ...(why?.trials ?? []).map((text): ChainLink => ({ kind: 'trial', text })),
  ];
}
