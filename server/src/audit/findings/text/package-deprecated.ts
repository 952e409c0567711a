import { packageVariables } from '../../../ebuild/package-variables.ts';
import { findDeprecation } from '../../../pms/deprecated-atom.ts';
import { nameOf } from '../../../pms/package-name.ts';
import type { Finding } from '../../finding.ts';
import { toSentence } from '../../finding-sentence.ts';
import { certainAtoms, isAlternative, rangeWithin, type TextSubject } from '../../subject.ts';

/**
 * `package-deprecated`: an atom names a package that `profiles/package.deprecated` of the repository or a master lists, and it
 * accepts nothing else. The comments of that file say what to use instead, but they are not quoted: they are not the
 * ebuild's own text. A package that is deprecated itself may depend on others that are.
 */
export function findDeprecatedPackages(subject: TextSubject): Finding[] {
  const { knowledge } = subject;
  if (knowledge === undefined) return [];
  const isDeprecated = ({ category, name }: { readonly category: string; readonly name: string }): boolean =>
    knowledge.deprecated(category, name).length > 0;
  const own =
    subject.identity && packageVariables(subject.identity.category, subject.identity.packageAndVersion);
  if (own !== undefined && isDeprecated({ category: own.CATEGORY ?? '', name: own.PN ?? '' })) return [];
  return certainAtoms(subject).flatMap((placed) => {
    const { atom, range } = placed;
    if (atom.blocker !== '' || !isDeprecated(atom) || isAlternative(placed)) return [];
    const { category, name } = atom;
    // What only bash knows may be a slot or a version that is not deprecated.
    const entries = knowledge
      .deprecated(category, name)
      .filter(
        ({ atom: listed }) =>
          placed.unknown.length === 0 || (listed.operator === '' && listed.slot === undefined),
      );
    const found = findDeprecation(atom, entries, knowledge.offered(category, name));
    if (found === undefined) return [];
    const { start, end } = rangeWithin(subject, range, nameOf(atom));
    const what = found.atom.slot === undefined ? nameOf(atom) : `${nameOf(atom)}:${found.atom.slot}`;
    return [
      {
        code: 'package-deprecated',
        severity: 'warning',
        message: toSentence(
          `replace ${what} as the comment above line ${found.line} of profiles/package.deprecated in the repository ${found.repository} says`,
          'it is deprecated',
        ),
        range: { start, end },
        evidence: [],
        about: [nameOf(atom)],
      },
    ];
  });
}
