import { type FlagNode, isAllowed, parseRequiredUse, type RequiredUseNode } from '../../pms/required-use.ts';
import { hasChildren, type SpecificationNode } from '../../pms/specification.ts';

/** What REQUIRED_USE allows of the states of an ebuild's flags (PMS 7.3.4). */
export interface RequiredUse {
  /**
   * Changes as few flags of a state as it takes for REQUIRED_USE to hold, three at the most.
   *
   * @param wanted the enabled flags
   * @param mayChange whether a flag may be changed
   * @param changesFirst of flags that would do alike, those for which this holds are changed first
   * @returns undefined where that is not enough
   */
  mend(
    wanted: ReadonlySet<string>,
    mayChange: (flag: string) => boolean,
    changesFirst: (flag: string) => boolean,
  ): ReadonlySet<string> | undefined;
}

/** With more flags changed, a state says little of what it was to be tried for. */
const MOST_CHANGES = 3;

interface Constraint {
  readonly node: RequiredUseNode;
  readonly flags: readonly string[];
}

/** Reads the value of REQUIRED_USE; total. @param eapi see {@link isAllowed} */
export function readRequiredUse(text: string, eapi: string): RequiredUse {
  const constraints = parseRequiredUse(text).nodes.map(
    (node): Constraint => ({ node, flags: [...new Set(flagsOf(node))] }),
  );
  return {
    mend(wanted, mayChange, changesFirst) {
      const mendWithin = (state: ReadonlySet<string>, changes: number): ReadonlySet<string> | undefined => {
        const violated = constraints.find(({ node }) => !isAllowed([node], state, eapi));
        if (violated === undefined) return state;
        if (changes === 0) return undefined;
        // Unless one of its own flags changes, the constraint stays violated.
        const flags = violated.flags.filter(mayChange);
        for (const flag of [...flags.filter(changesFirst), ...flags.filter((one) => !changesFirst(one))]) {
          const mended = mendWithin(change(state, flag), changes - 1);
          if (mended !== undefined) return mended;
        }
        return undefined;
      };
      for (let changes = 0; changes <= MOST_CHANGES; changes += 1) {
        const mended = mendWithin(wanted, changes);
        if (mended !== undefined) return mended;
      }
      return undefined;
    },
  };
}

function change(state: ReadonlySet<string>, flag: string): ReadonlySet<string> {
  const changed = new Set(state);
  if (!changed.delete(flag)) changed.add(flag);
  return changed;
}

function flagsOf(node: SpecificationNode<FlagNode>): readonly string[] {
  if (!hasChildren(node)) return 'flag' in node ? [node.flag] : [];
  const inside = node.children.flatMap(flagsOf);
  return node.kind === 'use-conditional' ? [node.flag, ...inside] : inside;
}
