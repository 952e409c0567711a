import { asFix, type Finding } from '../../finding.ts';
import { nearestWords } from '../../nearest-name.ts';
import type { TextSubject } from '../../subject.ts';

/** `unknown-eclass`: `inherit` names an eclass that neither the repository nor one of its masters has (PMS 10.1). */
export function findUnknownEclasses({ facts, knowledge }: TextSubject): Finding[] {
  if (knowledge === undefined || knowledge.incomplete !== undefined) return [];
  const unknown = facts.inherits.filter(
    ({ name, context }) => context !== 'function' && knowledge.eclass(name) === undefined,
  );
  const near = nearestWords(
    unknown.map(({ name }) => name),
    () => knowledge.eclassNames(),
  );
  return unknown.map(({ name, start, end }) => {
    const other = near.get(name);
    const remedy =
      other === undefined
        ? 'correct the name, or add the eclass to the repository'
        : `perhaps you mean ${other}`;
    return {
      code: 'unknown-eclass',
      severity: 'error',
      message: `Neither the repository nor a master of it has ${name}.eclass: ${remedy}.`,
      range: { start, end },
      evidence: [],
      fix: asFix(`Change to ${other}`, other === undefined ? [] : [{ start, end, newText: other }], false),
      about: [],
    };
  });
}
