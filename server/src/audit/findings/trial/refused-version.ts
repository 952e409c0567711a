import { variableRange } from '../../../ebuild/anchor.ts';
import { changeAtomText } from '../../../ebuild/edit/atom-text.ts';
import { replaceAtom } from '../../../ebuild/edit/edit.ts';
import { BUILD_VARIABLES } from '../../../pms/dependency-variable.ts';
import type { VersionBound } from '../../../trace/evidence.ts';
import { refusesVersion } from '../../../trace/version-bound.ts';
import { atomsFor, evidenceOf, keyOf, nameOf, namesFor, ownerOf } from '../../declared-packages.ts';
import { asFix, type Finding } from '../../finding.ts';
import { toSentence } from '../../finding-sentence.ts';
import type { PackageUse, TrialRecord } from '../../record.ts';
import { RULES } from '../../rules.ts';
import { isAlternative } from '../../subject.ts';
import type { TrialSubject } from '../../trial-subject.ts';

/**
 * `refused-version`: a package is declared and visible, and a check of the build refused its version. It is an error if the build failed, and
 * information if it passed without the package.
 */
export function findRefusedVersions(subject: TrialSubject): Finding[] {
  const found = new Map<string, Finding>();
  for (const state of subject.states) {
    for (const use of state.uses) {
      const refusing =
        use.licence === 'declared'
          ? use.bounds.find((bound) => refusesVersion(bound, use.package.version))
          : undefined;
      if (refusing !== undefined && !found.has(keyOf(use)))
        found.set(keyOf(use), explain(subject, state, use, refusing));
    }
  }
  return [...found.values()];
}

function explain(
  subject: TrialSubject,
  { outcome }: TrialRecord,
  use: PackageUse,
  { operator, version, statedBy }: VersionBound,
): Finding {
  const { facts } = subject;
  const places = atomsFor(subject, use, BUILD_VARIABLES);
  const written = [...new Map(places.map((place) => [place.range.start, place])).values()].filter(
    (place) => place.atom.operator === '' && !isAlternative(place),
  );
  const texts = written.flatMap(({ range }) => {
    const text = changeAtomText(facts.text.slice(range.start, range.end), { operator: '>=', version });
    return operator === '>=' && text !== undefined ? [{ text, edits: replaceAtom(facts, range, text) }] : [];
  });
  const [first] = texts;
  const advice =
    first === undefined ? 'patch the check, or change the atom' : `write ${first.text}, or patch the check`;
  return {
    code: 'refused-version',
    severity: outcome === 'failed' ? 'error' : 'information',
    message: toSentence(
      advice,
      `${nameOf(use)} ${use.package.version} is declared and was refused, because ${statedBy} asks for ${operator} ${version}`,
    ),
    range: places[0]?.range ?? variableRange(facts, 'DEPEND'),
    evidence: evidenceOf([use]),
    fix:
      first &&
      asFix(
        `Write ${first.text}`,
        texts.flatMap(({ edits }) => edits),
        false,
      ),
    about: namesFor(use),
    why: { owner: ownerOf(use), rule: RULES['refused-version'], trials: [] },
  };
}
