import { changeAtomText } from '../../../ebuild/edit/atom-text.ts';
import { replaceAtom } from '../../../ebuild/edit/edit.ts';
import { type Atom, parseAtom } from '../../../pms/atom.ts';
import { DEPENDENCY_VARIABLES } from '../../../pms/dependency-variable.ts';
import { atomsFor, evidenceOf, keyOf, nameOf, namesFor, ownerOf } from '../../declared-packages.ts';
import { asFix, type Finding } from '../../finding.ts';
import { toSentence } from '../../finding-sentence.ts';
import type { PackageUse } from '../../record.ts';
import { RULES } from '../../rules.ts';
import { isAlternative, type PlacedAtom } from '../../subject.ts';
import type { TrialSubject } from '../../trial-subject.ts';

/**
 * `prefer-virtual`: the text names a package, and an installed virtual stands for all files of it that were used. Another
 * package may provide them too. An atom with a version, with flags or under a flag that is named for the package is a choice.
 */
export function findPreferredVirtuals(subject: TrialSubject): Finding[] {
  const found = new Map<string, PackageUse[]>();
  for (const use of subject.states.flatMap(({ uses }) => uses)) {
    // Data does not decide which virtual is meant.
    if (use.kinds.every(({ kind }) => kind === 'data')) continue;
    found.set(keyOf(use), [...(found.get(keyOf(use)) ?? []), use]);
  }
  return [...found.values()].flatMap((uses) => judgeUses(subject, uses) ?? []);
}

function judgeUses(subject: TrialSubject, uses: readonly PackageUse[]): Finding | undefined {
  const [first] = uses;
  const virtuals = uses.map(virtualOf);
  const [virtual] = virtuals;
  if (first === undefined || virtual === undefined) return undefined;
  if (virtuals.some((other) => other?.name !== virtual.name)) return undefined;
  const places = atomsFor(subject, first, DEPENDENCY_VARIABLES);
  const [place] = places;
  if (place === undefined || !places.every((declared) => isPlain(declared, first))) return undefined;
  const { facts } = subject;
  const written = [...new Map(places.map((declared) => [declared.range.start, declared])).values()];
  const changes = written.flatMap(({ range }) => {
    const { category, name, slot } = virtual;
    const text = changeAtomText(facts.text.slice(range.start, range.end), {
      category,
      name,
      ...(slot !== first.package.slot && { slot: slot ?? '' }),
    });
    return text === undefined ? [] : [{ text, edits: replaceAtom(facts, range, text) }];
  });
  const [change] = changes;
  if (change === undefined) return undefined;
  return {
    code: 'prefer-virtual',
    severity: 'hint',
    message: toSentence(
      `write ${change.text} if other packages will do, too`,
      `virtual/${virtual.name} stands for everything that is used of ${nameOf(first)}`,
    ),
    range: place.range,
    evidence: evidenceOf(uses).slice(0, 2),
    fix: asFix(
      `Write ${change.text}`,
      changes.flatMap(({ edits }) => edits),
      false,
    ),
    about: namesFor(first),
    why: { owner: ownerOf(first), rule: RULES['prefer-virtual'], trials: [] },
  };
}

/** The virtual that an author would write; undefined for another atom. */
function virtualOf(use: PackageUse): Atom | undefined {
  const { atom } = parseAtom(use.atom);
  return atom?.category === 'virtual' && use.package.category !== 'virtual' ? atom : undefined;
}

function isPlain(place: PlacedAtom, { package: used }: PackageUse): boolean {
  const { atom, conditions, exact, generator } = place;
  return (
    exact &&
    generator === undefined &&
    !isAlternative(place) &&
    atom.category === used.category &&
    atom.name === used.name &&
    atom.operator === '' &&
    atom.use.length === 0 &&
    atom.subslot === undefined &&
    conditions.every(({ flag }) => !used.name.includes(flag))
  );
}
