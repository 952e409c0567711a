import type { SpecificationRules } from './eapi.ts';
import { explainWrongCharacter, findWrongCharacter, USE_FLAG } from './names.ts';
import {
  type Grammar,
  type Item,
  isMatched,
  parseSpecification,
  type Specification,
  type SpecificationNode,
} from './specification.ts';
import { lengthOfCharacter } from './text-range.ts';
import { evaluateUse } from './use.ts';

/** `flag` or `!flag`. */
export interface FlagNode extends Item {
  readonly kind: 'flag';
  readonly flag: string;
  readonly negated: boolean;
}

export type RequiredUseNode = SpecificationNode<FlagNode>;

const GRAMMAR: Grammar<FlagNode> = {
  variables: 'REQUIRED_USE',
  syntax: 'plain',
  operators: ['||', '^^', '??'],
  readItem(text, range, _rules, report) {
    const negated = text.startsWith('!');
    const start = negated ? 1 : 0;
    const wrong = findWrongCharacter(USE_FLAG, text, start, text.length);
    if (start === text.length) {
      report(range.start, range.end, 'A USE flag is missing after `!`: write one or remove it.');
      return undefined;
    }
    if (wrong < text.length) {
      const at = range.start + wrong;
      report(at, at + lengthOfCharacter(text, wrong), explainWrongCharacter(USE_FLAG, text, start, wrong));
      return undefined;
    }
    return { kind: 'flag', flag: text.slice(start), negated, text, ...range };
  },
};

/**
 * Reads REQUIRED_USE (PMS 7.3.4 and 8.2). Opaque words and errors are treated as in `parseDependency`.
 *
 * @param text the value without the quotes around it
 * @param baseOffset where `text` begins in the whole file; added to every range
 */
export function parseRequiredUse(
  text: string,
  baseOffset = 0,
  rules: SpecificationRules = {},
): Specification<FlagNode> {
  return parseSpecification(GRAMMAR, text, baseOffset, rules);
}

/**
 * Whether a set of enabled USE flags satisfies REQUIRED_USE. Unexpanded and invalid words are always satisfied.
 *
 * @param eapi decides whether an empty `|| ( )` or `^^ ( )` is satisfied: yes up to EAPI 6
 */
export function isAllowed(
  requiredUse: readonly RequiredUseNode[],
  enabled: Iterable<string>,
  eapi?: string,
): boolean {
  const flags: ReadonlySet<string> = new Set(enabled);
  return isMatched(evaluateUse(requiredUse, flags), (leaf) => flags.has(leaf.flag) !== leaf.negated, eapi);
}
