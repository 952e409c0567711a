import type { EbuildFacts } from '../../../ebuild/ebuild-facts.ts';
import { changeAtomText } from '../../../ebuild/edit/atom-text.ts';
import { replaceAtom } from '../../../ebuild/edit/edit.ts';
import { withUseDependency } from '../../../ebuild/edit/use-dependency.ts';
import type { Evidence } from '../../../trace/evidence.ts';
import { namesFor, ownerOf } from '../../declared-packages.ts';
import { asFix, type Finding } from '../../finding.ts';
import { toSentence } from '../../finding-sentence.ts';
import type { PackageUse } from '../../record.ts';
import { RULES } from '../../rules.ts';
import { isAlternative, type PlacedAtom } from '../../subject.ts';

/** A USE dependency that atoms of a used package lack. */
export interface Unasked {
  readonly use: PackageUse;
  /** The USE dependency to write, without brackets. */
  readonly asked: string;
  readonly places: readonly [PlacedAtom, ...PlacedAtom[]];
  readonly severity: Finding['severity'];
  readonly evidence: readonly Evidence[];
  /** A clause. */
  readonly reason: string;
  /** Under which circumstances the atom is to be changed, e.g. ` if …`; absent: always. */
  readonly unless?: string;
}

/** The finding about a missing USE dependency, with an edit of each atom. It can be made without asking if it is proven and no atom is an alternative. */
export function explainUnasked(facts: EbuildFacts, unasked: Unasked): Finding {
  const { use, asked, places, severity, evidence, reason, unless = '' } = unasked;
  const written = new Map(places.map((place) => [place.range.start, place]));
  const changes = [...written.values()].flatMap(({ range }) => {
    const changed = withUseDependency(facts.text.slice(range.start, range.end), asked);
    return isAtomText(changed) ? [{ changed, edits: replaceAtom(facts, range, changed) }] : [];
  });
  return {
    code: 'missing-use-dependency',
    severity,
    message: toSentence(`write ${changes[0]?.changed ?? `[${asked}]`}${unless}`, reason),
    range: places[0].range,
    evidence,
    fix: asFix(
      `Ask for [${asked}]`,
      changes.flatMap(({ edits }) => edits),
      severity === 'warning' && !places.some(isAlternative),
    ),
    about: namesFor(use),
    why: { owner: ownerOf(use), rule: RULES['missing-use-dependency'], trials: [] },
  };
}

/** Whether an atom with the new USE dependency can be written there. */
const isAtomText = (text: string): boolean => changeAtomText(text, {}) !== undefined;
