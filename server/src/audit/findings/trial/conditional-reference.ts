import type { UseCondition } from '../../../ebuild/declared.ts';
import type { EbuildFacts } from '../../../ebuild/ebuild-facts.ts';
import { BUILD_VARIABLES } from '../../../pms/dependency-variable.ts';
import type { TextRange } from '../../../pms/text-range.ts';
import { namesPackage } from '../../declared-packages.ts';
import { isInheritedActive, type TrialSubject } from '../../trial-subject.ts';
import type { UndeclaredNeed } from './undeclared-need.ts';

/** A variable of an eclass that the ebuild has in a USE conditional, such as `test? ( ${PYTHON_DEPS} )`. */
export interface ConditionalReference {
  readonly condition: UseCondition;
  /** As it is written: `${PYTHON_DEPS}`. */
  readonly reference: string;
  readonly range: TextRange;
}

/**
 * Finds the variable of an eclass that declares a needed package, if the ebuild has it in a conditional that does not hold where the package
 * is needed.
 */
export function findConditionalReference(
  { inherited, facts }: TrialSubject,
  { need, state }: Pick<UndeclaredNeed, 'need' | 'state'>,
): ConditionalReference | undefined {
  const atoms = inherited.filter(
    ({ variable, atom }) =>
      (BUILD_VARIABLES as readonly string[]).includes(variable) && namesPackage(atom, need),
  );
  if (atoms.length === 0 || atoms.some((found) => isInheritedActive(found, state))) return undefined;
  const references = atoms.flatMap(({ variable }) => listReferences(facts, variable));
  return references.find(({ condition: { flag, negated } }) => state.use.includes(flag) === negated);
}

function listReferences({ assignments, text }: EbuildFacts, variable: string): ConditionalReference[] {
  return assignments
    .filter(({ name }) => name === variable)
    .flatMap(({ valueRange }) => {
      const value = text.slice(valueRange.start, valueRange.end);
      return [...value.matchAll(/(!?)([\w+@-]+)\?\s+\(\s+[^()?]*?(\$\{\w+\})/g)].map((match) => {
        const [whole, mark, flag = '', reference = ''] = match;
        const end = valueRange.start + match.index + whole.length;
        const range = { start: end - reference.length, end };
        return { condition: { flag, negated: mark === '!' }, reference, range };
      });
    });
}
