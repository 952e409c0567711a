import { describeEvidence } from './evidence-sentence.ts';
import type { Finding } from './finding.ts';

/** A link of the chain that leads to a finding: what was `seen` of phase, process and path, whose path it is, by what rule, and what proves it. */
export interface ChainLink {
  readonly kind: 'seen' | 'owner' | 'rule' | 'trial';
  /** Without a full stop where it is no sentence. */
  readonly text: string;
}

/** Why a finding is one: the chain phase – process – path – owner – rule, with what trials showed. Empty for what the text alone shows. */
export function chainOf({ evidence, why }: Finding): readonly ChainLink[] {
  return [
    ...evidence.map((access): ChainLink => ({ kind: 'seen', text: describeEvidence(access) })),
    ...(why?.owner === undefined ? [] : [{ kind: 'owner' as const, text: why.owner }]),
    ...(why === undefined ? [] : [{ kind: 'rule' as const, text: why.rule }]),
    ...(why?.trials ?? []).map((text): ChainLink => ({ kind: 'trial', text })),
  ];
}
