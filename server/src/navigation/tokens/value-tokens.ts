import type { Assignment, EbuildFacts } from '../../ebuild/ebuild-facts.ts';
import { generatorCall } from '../../ebuild/generator-call.ts';
import { parseDependency } from '../../pms/dependency.ts';
import { hasChildren } from '../../pms/specification.ts';
import { readValueNodes, type ValueNode } from '../value-nodes.ts';
import { atomTokens } from './atom-tokens.ts';
import { plainToken, type SemanticToken } from './semantic-token.ts';

/** The words of a value: atoms, flags, operators of groups (PMS 7.3, 8.2). */
export function valueTokens(facts: EbuildFacts, assignment: Assignment): SemanticToken[] {
  const { text } = facts;
  const { name, quote, valueRange } = assignment;
  if (quote !== 'double' && quote !== 'single') return [];
  if (name === 'IUSE') return iuseTokens(text.slice(valueRange.start, valueRange.end), valueRange.start);
  const leaf = name === 'REQUIRED_USE' ? 'flag' : /DEP(?:END|S)$/.test(name) ? 'atom' : 'other';
  return readValueNodes(facts, assignment).flatMap((node) => nodeTokens(text, node, leaf));
}

function iuseTokens(value: string, from: number): SemanticToken[] {
  return [...value.matchAll(/(?<!\S)([+-]?)([A-Za-z0-9][\w+@-]*)(?!\S)/g)].flatMap(
    ({ index, 0: word, 1: sign = '' }) => {
      const start = from + index;
      const flag = plainToken('enumMember', start + sign.length, start + word.length);
      return sign === '' ? [flag] : [plainToken('operator', start, start + 1), flag];
    },
  );
}

function nodeTokens(text: string, node: ValueNode, leaf: 'flag' | 'atom' | 'other'): SemanticToken[] {
  const { start, end } = node;
  if (hasChildren(node)) {
    const children = node.children.flatMap((child) => nodeTokens(text, child, leaf));
    if (node.kind === 'use-conditional') return [...conditionTokens(node), ...children];
    const hasOperator = /^(?:\|\||\^\^|\?\?)/.test(text.slice(start, start + 2));
    return hasOperator ? [plainToken('operator', start, start + 2), ...children] : children;
  }
  if (leaf === 'flag') {
    const [, sign = '', flag = ''] = /^(!?)([A-Za-z0-9][\w+@-]*)$/.exec(text.slice(start, end)) ?? [];
    if (flag === '') return [];
    const token = plainToken('enumMember', start + sign.length, end);
    return sign === '' ? [token] : [plainToken('operator', start, start + 1), token];
  }
  if (leaf === 'other') return [];
  const call = node.kind === 'opaque' ? generatorCall(node.text) : undefined;
  if (call === undefined) return atomTokens(text, node);
  return call.arguments.flatMap((argument) => {
    const [from, to] = [start + argument.start, start + argument.end];
    return parseDependency(text.slice(from, to), from).nodes.flatMap((inner) =>
      nodeTokens(text, inner, leaf),
    );
  });
}

/** The flag of `flag?` and `!flag?`, unless bash has to expand it. */
function conditionTokens({
  start,
  flag,
  negated,
  opaque,
}: Extract<ValueNode, { kind: 'use-conditional' }>): SemanticToken[] {
  if (opaque) return [];
  const from = negated ? start + 1 : start;
  const token = plainToken('enumMember', from, from + flag.length);
  return negated ? [plainToken('operator', start, from), token] : [token];
}
