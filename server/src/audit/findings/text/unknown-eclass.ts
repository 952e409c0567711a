import { asFix, type Finding } from '../../finding.ts';
import { nearestNames } from '../../nearest-name.ts';
import type { TextSubject } from '../../subject.ts';

/** Names are compared as those of packages. */
const FOLDER = 'eclass/';

/** `unknown-eclass`: `inherit` names an eclass that neither the repository nor one of its masters has (PMS 10.1). */
export function findUnknownEclasses({ facts, knowledge }: TextSubject): Finding[] {
  if (knowledge === undefined || knowledge.incomplete !== undefined) return [];
  const unknown = facts.inherits.filter(
    ({ name, context }) => context !== 'function' && knowledge.eclass(name) === undefined,
  );
  const near = nearestNames(
    unknown.map(({ name }) => `${FOLDER}${name}`),
    () => [...knowledge.eclassNames()].map((name) => `${FOLDER}${name}`),
  );
  return unknown.map(({ name, start, end }) => {
    const other = near.get(`${FOLDER}${name}`)?.slice(FOLDER.length);
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
