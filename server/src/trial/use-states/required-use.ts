import { type FlagNode, isAllowed, parseRequiredUse, type RequiredUseNode } from '../../pms/required-use.ts';
import { hasChildren, type SpecificationNode } from '../../pms/specification.ts';

/** The constraints of REQUIRED_USE on the states of an ebuild's flags (PMS 7.3.4). */
export interface RequiredUse {
  /**
   * Changes as few flags of a state as are needed to satisfy REQUIRED_USE, at most three.
   *
   * @param wanted the enabled flags
   * @param mayChange whether a flag may be changed
   * @param changesFirst whether a flag is changed before others that would help as well
   * @returns undefined if three changes are not enough
   */
  satisfy(
    wanted: ReadonlySet<string>,
    mayChange: (flag: string) => boolean,
    changesFirst: (flag: string) => boolean,
  ): ReadonlySet<string> | undefined;
}

/** Limit in flags. A state with more changes shows little about the flag for which it is tried. */
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
    satisfy(wanted, mayChange, changesFirst) {
      const satisfyWithin = (
        state: ReadonlySet<string>,
        changes: number,
      ): ReadonlySet<string> | undefined => {
        const violated = constraints.find(({ node }) => !isAllowed([node], state, eapi));
        if (violated === undefined) return state;
        if (changes === 0) return undefined;
        // Unless one of its own flags changes, the constraint stays violated.
        const flags = violated.flags.filter(mayChange);
        const others = flags.filter((flag) => !changesFirst(flag));
        for (const flag of [...flags.filter(changesFirst), ...others]) {
          const satisfying = satisfyWithin(change(state, flag), changes - 1);
          if (satisfying !== undefined) return satisfying;
        }
        return undefined;
      };
      for (let changes = 0; changes <= MOST_CHANGES; changes += 1) {
        const satisfying = satisfyWithin(wanted, changes);
        if (satisfying !== undefined) return satisfying;
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
