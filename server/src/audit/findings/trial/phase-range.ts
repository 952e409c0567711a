import type { EbuildFacts } from '../../../ebuild/ebuild-facts.ts';
import { lineOf } from '../../../ebuild/line-scan.ts';
import type { TextRange } from '../../../pms/text-range.ts';
import { phaseFunction } from '../../../trace/phase-function.ts';

/** Where to show what a phase did: the name of its function (PMS 9.1), or, where the ebuild leaves it to its eclasses, the EAPI line. */
export function phaseRange({ functions, eapiRange, text }: EbuildFacts, phase: string): TextRange {
  const wanted = phaseFunction(phase);
  return functions.find(({ name }) => name === wanted)?.nameRange ?? eapiRange ?? lineOf(text, 0);
}
