import type { EbuildFacts } from '../../../ebuild/ebuild-facts.ts';
import { lineOf } from '../../../ebuild/line-scan.ts';
import type { TextRange } from '../../../pms/text-range.ts';
import { phaseFunction } from '../../../trace/phase-function.ts';

/**
 * The range for a finding about a phase: the name of its function (PMS 9.1), or the EAPI line if the ebuild does not
 * define it.
 */
export function phaseRange({ functions, eapiRange, text }: EbuildFacts, phase: string): TextRange {
  const wanted = phaseFunction(phase);
  return functions.find(({ name }) => name === wanted)?.nameRange ?? eapiRange ?? lineOf(text, 0);
}
