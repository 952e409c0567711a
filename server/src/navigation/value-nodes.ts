import type { Assignment, EbuildFacts } from '../ebuild/ebuild-facts.ts';
import { parseAssignedValue } from '../ebuild/parsed-value.ts';
import { parseLicense, parseRestrict } from '../pms/name-list.ts';
import { parseRequiredUse } from '../pms/required-use.ts';
import { parseSourceUri } from '../pms/source-uri.ts';
import { hasChildren, type Item, type SpecificationNode } from '../pms/specification.ts';

/** A word or group of a value, whatever kind of variable has it. */
export type ValueNode = SpecificationNode<Item>;

/**
 * The words and groups of the value of an assignment, if its variable has a specification (PMS 8.2). Variables whose names end like those of
 * PMS hold parts of them: COMMON_DEPEND, PYTHON_DEPS, MY_SRC_URI.
 */
export function readValueNodes({ text }: EbuildFacts, assignment: Assignment): readonly ValueNode[] {
  const { name, quote, valueRange } = assignment;
  if (quote !== 'double' && quote !== 'single') return [];
  const value = () => text.slice(valueRange.start, valueRange.end);
  if (/DEP(?:END|S)$/.test(name)) return parseAssignedValue(text, assignment).nodes;
  if (name.endsWith('URI')) return parseSourceUri(value(), valueRange.start).nodes;
  if (name === 'REQUIRED_USE') return parseRequiredUse(value(), valueRange.start).nodes;
  if (name === 'LICENSE') return parseLicense(value(), valueRange.start).nodes;
  if (name === 'RESTRICT' || name === 'PROPERTIES') return parseRestrict(value(), valueRange.start).nodes;
  return [];
}

/** The words and groups around an offset, outermost first. */
export function valueNodesAround(nodes: readonly ValueNode[], offset: number): ValueNode[] {
  const path: ValueNode[] = [];
  for (let level: readonly ValueNode[] = nodes; ; ) {
    const around = level.find(({ start, end }) => start <= offset && offset <= end);
    if (around === undefined) return path;
    path.push(around);
    if (!hasChildren(around)) return path;
    level = around.children;
  }
}
