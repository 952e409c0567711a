import type { EbuildFacts } from '../../../ebuild/ebuild-facts.ts';
import { replaceAtom } from '../../../ebuild/edit/edit.ts';
import { withUseDependency } from '../../../ebuild/edit/use-dependency.ts';
import type { TextEdit } from '../../../ebuild/text-edit.ts';
import { nameOf } from '../../../pms/package-name.ts';
import { asFix, type Finding } from '../../finding.ts';
import { toSentence } from '../../finding-sentence.ts';
import type { Knowledge } from '../../knowledge.ts';
import {
  certainAtoms,
  isAlternative,
  isOwnPackage,
  type PlacedAtom,
  type TextSubject,
} from '../../subject.ts';
import { listTargetBuilds, type TargetBuild, type TargetLanguage } from '../../target-language.ts';

/**
 * `missing-target-usedep`: an ebuild for Python or Lua needs another package of the language in order to run, or for its tests, and does not
 * ask for it to be installed for the same version: such a package has a flag for each version.
 */
export function findMissingTargetUseDependencies(subject: TextSubject): Finding[] {
  const { knowledge, metadata, facts } = subject;
  if (knowledge === undefined || !metadata.inheritsKnown) return [];
  const builds = listTargetBuilds(facts);
  if (builds.length === 0) return [];
  return certainAtoms(subject).flatMap((placed) => {
    const build = builds.find(({ language }) => isForLanguage(facts, placed, language));
    if (build === undefined || isOwnPackage(subject, placed.atom)) return [];
    const asked = wordsFor(knowledge, placed, build);
    return asked === undefined ? [] : [explain(subject, placed, build, asked)];
  });
}

/** Whether what is installed, or a test of it, loads the package in the version that the ebuild is built for, and no flag is asked for. */
function isForLanguage(
  { inherits }: EbuildFacts,
  { variable, atom, unknown, generator, conditions }: PlacedAtom,
  language: TargetLanguage,
): boolean {
  const isTest =
    variable === 'BDEPEND' &&
    conditions.some(({ flag, negated }) => flag === 'test' && !negated) &&
    inherits.some(({ name }) => name === 'distutils-r1');
  if (variable !== 'RDEPEND' && !isTest) return false;
  if (generator !== undefined && generator !== language.generator) return false;
  if (atom.blocker !== '' || unknown.includes('use')) return false;
  if (atom.use.some(({ flag }) => flag.startsWith(`${language.flag}_`))) return false;
  // Other packages have modules of the language only with a flag.
  return (
    atom.category === language.category ||
    atom.use.some(({ flag, form }) => flag === language.flag && form !== 'disabled')
  );
}

/** The words that ask for the flags of all versions that may be installed; undefined if they are not known, or one has none. */
function wordsFor(
  knowledge: Knowledge,
  { atom }: PlacedAtom,
  { language, isForOne }: TargetBuild,
): string | undefined {
  const offered = knowledge.offered(atom.category, atom.name);
  const allHave = (prefix: string) =>
    offered.length > 0 && offered.every(({ iuse }) => iuse?.some((flag) => flag.startsWith(prefix)) === true);
  if (allHave(language.targets)) return language.forTargets;
  return isForOne && allHave(language.singleTarget) ? language.forSingleTarget : undefined;
}

function explain(
  subject: TextSubject,
  placed: PlacedAtom,
  { language, isForOne }: TargetBuild,
  words: string,
): Finding {
  const { facts } = subject;
  const { start, end } = placed.range;
  const plain = withUseDependency(facts.text.slice(start, end), words);
  const isWrapped = !isForOne || words === language.forSingleTarget || placed.generator !== undefined;
  const written = isWrapped ? plain : `$(${language.generator} '${plain}')`;
  const edits = isAlternative(placed) && !isWrapped ? [] : editTo(facts, placed, written);
  const purpose = placed.variable === 'BDEPEND' ? 'the tests need' : 'the installed package needs';
  return {
    code: 'missing-target-usedep',
    severity: 'warning',
    message: toSentence(
      `write ${written}`,
      `${purpose} ${nameOf(placed.atom)} for the same version of ${language.name}, and the atom does not ask for it`,
    ),
    range: { start, end },
    evidence: [],
    fix: asFix(`Write ${written}`, edits, !isAlternative(placed)),
    about: [nameOf(placed.atom)],
  };
}

/** No edit where bash would expand the words at another time: they need double quotes, or single ones in a generator. */
function editTo(facts: EbuildFacts, { range, generator }: PlacedAtom, written: string): readonly TextEdit[] {
  const around = facts.assignments.find(
    ({ valueRange }) => valueRange.start <= range.start && range.end <= valueRange.end,
  );
  if (around?.quote !== 'double') return [];
  const before = facts.text.slice(around.valueRange.start, range.start);
  if (generator !== undefined && before.search(/'[^'"]*$/) < 0) return [];
  return replaceAtom(facts, range, written);
}
