import type { EbuildFacts } from '../../../ebuild/ebuild-facts.ts';
import { replaceAtom } from '../../../ebuild/edit/edit.ts';
import { withUseDependency } from '../../../ebuild/edit/use-dependency.ts';
import type { TextEdit } from '../../../ebuild/text-edit.ts';
import { nameOf } from '../../../pms/package-name.ts';
import { asFix, type Finding } from '../../finding.ts';
import type { Knowledge } from '../../knowledge.ts';
import {
  certainAtoms,
  isAlternative,
  isOwnPackage,
  type PlacedAtom,
  type TextSubject,
} from '../../subject.ts';

/** Whether the ebuild is for each chosen Python (python-r1) or for one of them (python-single-r1). */
type Build = 'several' | 'one';

/** The words of python-r1.eclass and python-single-r1.eclass. */
const FOR_TARGETS = '${PYTHON_USEDEP}';
const FOR_SINGLE_TARGET = '${PYTHON_SINGLE_USEDEP}';

/**
 * `missing-python-usedep`: an ebuild of python-r1, python-single-r1 or distutils-r1 needs another Python package in order to run, or for its
 * tests, and does not ask for it to be installed for the same Python: such a package has a flag for each version of Python.
 */
export function findMissingPythonUseDependencies(subject: TextSubject): Finding[] {
  const { knowledge, metadata, facts } = subject;
  const build = metadata.inheritsKnown ? buildOf(facts) : undefined;
  if (knowledge === undefined || build === undefined) return [];
  return certainAtoms(subject).flatMap((placed) => {
    if (!isForPython(facts, placed) || isOwnPackage(subject, placed.atom)) return [];
    const asked = wordsFor(knowledge, placed, build);
    return asked === undefined ? [] : [explain(subject, placed, asked)];
  });
}

function buildOf({ inherits, assignments }: EbuildFacts): Build | undefined {
  const names = new Set(inherits.filter(({ context }) => context === 'global').map(({ name }) => name));
  const isSingle = assignments.some(({ name }) => name === 'DISTUTILS_SINGLE_IMPL');
  if (names.has('python-single-r1')) return 'one';
  if (names.has('distutils-r1')) return isSingle ? 'one' : 'several';
  return names.has('python-r1') ? 'several' : undefined;
}

/** Whether what is installed, or a test of it, loads the package in the Python that the ebuild is built for, and no flag is asked for. */
function isForPython(
  { inherits }: EbuildFacts,
  { variable, atom, unknown, generator, conditions }: PlacedAtom,
): boolean {
  const isTest =
    variable === 'BDEPEND' &&
    conditions.some(({ flag, negated }) => flag === 'test' && !negated) &&
    inherits.some(({ name }) => name === 'distutils-r1');
  if (variable !== 'RDEPEND' && !isTest) return false;
  if (generator !== undefined && generator !== 'python_gen_cond_dep') return false;
  if (atom.blocker !== '' || unknown.includes('use')) return false;
  if (atom.use.some(({ flag }) => flag.startsWith('python_'))) return false;
  // Other packages have modules of Python only with a flag.
  return (
    atom.category === 'dev-python' ||
    atom.use.some(({ flag, form }) => flag === 'python' && form !== 'disabled')
  );
}

/** The words that ask for the flags of all versions that may be installed; undefined if they are not known, or one has none. */
function wordsFor(knowledge: Knowledge, { atom }: PlacedAtom, build: Build): string | undefined {
  const offered = knowledge.offered(atom.category, atom.name);
  const allHave = (prefix: string) =>
    offered.length > 0 && offered.every(({ iuse }) => iuse?.some((flag) => flag.startsWith(prefix)) === true);
  if (allHave('python_targets_')) return FOR_TARGETS;
  return build === 'one' && allHave('python_single_target_') ? FOR_SINGLE_TARGET : undefined;
}

function explain(subject: TextSubject, placed: PlacedAtom, words: string): Finding {
  const { facts } = subject;
  const { start, end } = placed.range;
  const build = buildOf(facts);
  const plain = withUseDependency(facts.text.slice(start, end), words);
  const isWrapped = build === 'several' || words === FOR_SINGLE_TARGET || placed.generator !== undefined;
  const written = isWrapped ? plain : `$(python_gen_cond_dep '${plain}')`;
  const edits = isAlternative(placed) && !isWrapped ? [] : editTo(facts, placed, written);
  const purpose = placed.variable === 'BDEPEND' ? 'The tests need' : 'The installed package needs';
  return {
    code: 'missing-python-usedep',
    severity: 'warning',
    message: `${purpose} ${nameOf(placed.atom)} for the same Python, and the atom does not ask for it: write ${written}.`,
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
