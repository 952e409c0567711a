import { applyEdits } from '../ebuild/text-edit.ts';
import type { Finding } from './finding.ts';

/** More rounds than findings can't be needed; this bounds a judge that never becomes quiet. */
const MAX_ROUNDS = 100;

/** A fix that may be made without asking. */
export function isSure(finding: Finding): boolean {
  return finding.fix !== undefined && finding.fix.guess === undefined;
}

/**
 * The text with every fix applied that is no guess. Two fixes may insert at the same place, so each is applied to the text that the one
 * before it left, as the author's own clicks would do.
 *
 * @param judge finds what is wrong with a text
 * @returns the same text when nothing can be fixed
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
