import { declaredWithAtoms } from '../../../ebuild/declared.ts';
import { packageVariables } from '../../../ebuild/package-variables.ts';
import { printAtom } from '../../../pms/atom.ts';
import { type AtomNode, type DependencyNode, parseDependency } from '../../../pms/dependency.ts';
import { DEPENDENCY_VARIABLES, type DependencyVariable } from '../../../pms/dependency-variable.ts';
import { nameOf } from '../../../pms/package-name.ts';
import type { Finding } from '../../finding.ts';
import { type Bringer, reportInheritedAtoms } from '../../inherited-atom.ts';
import type { TrialSubject } from '../../trial-subject.ts';

/**
 * `inherited-atom`, as the package manager evaluated the text that was built: after an edit, the eclasses may bring something else.
 */
export function findEvaluatedTwice(subject: TrialSubject): Finding[] {
  const { facts, record, atoms } = subject;
  if (record.text !== facts.text) return [];
  const bringers = DEPENDENCY_VARIABLES.flatMap((variable) => listBrought(subject, variable));
  return reportInheritedAtoms(facts, atoms, bringers);
}

/**
 * The atoms that eclasses bring outside every condition and group. Of atoms that are equal, those of the text come first and are not counted.
 * If the text has a word that only bash can expand, the ebuild itself may bring the atom through it.
 */
function listBrought({ facts, record, atoms }: TrialSubject, variable: DependencyVariable): Bringer[] {
  const predefined = packageVariables(record.category, record.packageAndVersion);
  const { unresolved } = declaredWithAtoms(facts, variable, predefined).declared;
  if (unresolved.some(({ namesKnown }) => !namesKnown)) return [];
  const inherited = new Set(record.inherited[variable]);
  const own = atoms.filter((placed) => placed.variable === variable);
  const plain = own.flatMap(({ atom, exact, conditions, groups }) =>
    exact && conditions.length === 0 && groups.every((kind) => kind === 'all-of') ? [printAtom(atom)] : [],
  );
  return listPlain(parseDependency(record.evaluated[variable]).nodes).flatMap(({ atom }) => {
    const text = printAtom(atom);
    const at = plain.indexOf(text);
    if (at >= 0) plain.splice(at, 1);
    if (at >= 0 || !inherited.has(text)) return [];
    const isSure = own.every((placed) => placed.exact || nameOf(placed.atom) !== nameOf(atom));
    return isSure ? [{ variable, atom }] : [];
  });
}

/** The atoms outside every conditional and group of alternatives. */
function listPlain(nodes: readonly DependencyNode[]): AtomNode[] {
  return nodes.flatMap((node) => {
    if (node.kind === 'atom') return [node];
    return node.kind === 'all-of' ? listPlain(node.children) : [];
  });
}
