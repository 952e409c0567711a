import { applyEdits } from '../ebuild/text-edit.ts';
import type { Finding } from './finding.ts';

/** No text has so many findings; the bound stops a judge that gives fixes for ever. */
const MAX_ROUNDS = 100;

/** Whether the fix of a finding is safe, so that it can be applied without asking. */
export function isSure(finding: Finding): boolean {
  return finding.fix !== undefined && finding.fix.guess === undefined;
}

/**
 * The text with every safe fix applied. Two fixes may insert at the same place, so each is applied to the text that
 * the previous one left.
 *
 * @param judge gives the findings of a text
 * @returns the same text if nothing can be fixed
 */
export function fixAll(
  text: string,
  judge: (text: string) => { readonly findings: readonly Finding[] },
): string {
  let fixed = text;
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const fix = judge(fixed).findings.find(isSure)?.fix;
    if (fix === undefined) break;
    const next = applyEdits(fixed, fix.edits);
    if (next === fixed) break;
    fixed = next;
  }
  return fixed;
}

/** Whether some findings have a fix that {@link fixAll} applies. */
export function hasSafeFix(findings: readonly Finding[]): boolean {
  return findings.some(isSure);
}
