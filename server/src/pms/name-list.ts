/** LICENSE, RESTRICT and PROPERTIES: specifications whose leaves are names. */
import type { SpecificationRules } from './eapi.ts';
import { explainWrongCharacter, findWrongCharacter, LICENSE } from './names.ts';
import { type Grammar, type Item, parseSpecification, type Specification } from './specification.ts';
import { lengthOfCharacter } from './text-range.ts';

/** The name of a licence, or a token such as `mirror`. */
export interface NameNode extends Item {
  readonly kind: 'name';
}

const LICENSES: Grammar<NameNode> = {
  variables: 'LICENSE',
  syntax: 'plain',
  operators: ['||'],
  readItem(text, range, _rules, report) {
    const wrong = findWrongCharacter(LICENSE, text, 0, text.length);
    if (wrong < text.length) {
      const at = range.start + wrong;
      report(at, at + lengthOfCharacter(text, wrong), explainWrongCharacter(LICENSE, text, 0, wrong));
      return undefined;
    }
    return { kind: 'name', text, ...range };
  },
};

/** The tokens are not checked: PMS 8.2 calls them simple strings, and package managers may define their own. */
const TOKENS: Grammar<NameNode> = {
  variables: 'RESTRICT and PROPERTIES',
  syntax: 'plain',
  operators: [],
  readItem: (text, range) => ({ kind: 'name', text, ...range }),
};

/**
 * Reads LICENSE (PMS 7.3 and 8.2). Opaque words and errors are treated as in `parseDependency`.
 *
 * @param text the value without the quotes around it
 * @param baseOffset where `text` begins in the whole file; added to every range
 */
export function parseLicense(
  text: string,
  baseOffset = 0,
  rules: SpecificationRules = {},
): Specification<NameNode> {
  return parseSpecification(LICENSES, text, baseOffset, rules);
}

/**
 * Reads RESTRICT or PROPERTIES (PMS 7.3.5, 7.3.6 and 8.2). Opaque words and errors are treated as in `parseDependency`.
 *
 * @param text the value without the quotes around it
 * @param baseOffset where `text` begins in the whole file; added to every range
 */
export function parseRestrict(
  text: string,
  baseOffset = 0,
  rules: SpecificationRules = {},
): Specification<NameNode> {
  return parseSpecification(TOKENS, text, baseOffset, rules);
}
