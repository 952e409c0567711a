import { applyEdits } from '../ebuild/text-edit.ts';
import type { Verdict } from './finding.ts';

/** More rounds than findings can't be needed; this bounds a judge that never becomes quiet. */
const MAX_ROUNDS = 100;

/**
 * The text with every fix applied. Two fixes may insert at the same place, so each is applied to the text that the one
 * before it left, as the author's own clicks would do.
 *
 * @param judge judges a text against the record at hand
 * @returns the same text when nothing can be fixed
 */
export function fixAll(text: string, judge: (text: string) => Verdict): string {
  let fixed = text;
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const fix = judge(fixed).findings.find((finding) => finding.fix !== undefined)?.fix;
    if (fix === undefined) break;
    const next = applyEdits(fixed, fix.edits);
    if (next === fixed) break;
    fixed = next;
  }
  return fixed;
}
