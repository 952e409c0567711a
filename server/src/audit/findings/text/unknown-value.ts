import { expandBraces } from '../../../ebuild/brace-expansion.ts';
import { effectiveAssignments } from '../../../ebuild/variable-value.ts';
import { hasChildren, type Item, type SpecificationNode } from '../../../pms/specification.ts';
import type { TextRange } from '../../../pms/text-range.ts';
import { asFix, type Finding } from '../../finding.ts';
import { nearestWords } from '../../nearest-name.ts';
import type { SpecificationVariable, TextSubject } from '../../subject.ts';

/** The tokens of PMS 7.3.5 and 7.3.6, and those of Portage (ebuild(5)). */
const TOKENS = {
  RESTRICT: new Set(
    'binchecks bindist dedupdebug fetch installsources mirror network-sandbox preserve-libs primaryuri splitdebug strip test userpriv'.split(
      ' ',
    ),
  ),
  PROPERTIES: new Set('interactive live test_network test_privileged test_userpriv'.split(' ')),
};

/** The names of implementations that python-utils-r1.eclass has or had. */
const IMPLEMENTATION = /^(?:python[23]_\d+t?|pypy[23]?(?:_\d+)?|jython2_7)$/;

/** No other implementation is proposed. */
const NONE: ReadonlySet<string> = new Set();

/** What bash changes in a word. */
const EXPANSION = /[$`\\"']/;

/** The range is that of the whole word. */
interface UnknownWord extends TextRange {
  /** Without what is before the name, such as `~`. */
  readonly name: string;
  readonly severity: Finding['severity'];
  /** Who does not know it, as a sentence without its end. */
  readonly claim: string;
  /** The words that there are. */
  readonly others: ReadonlySet<string>;
}

/**
 * `unknown-value`: a word of KEYWORDS, LICENSE, RESTRICT, PROPERTIES or PYTHON_COMPAT that the repositories, PMS or the eclass do not know. Words with an
 * expansion are skipped.
 */
export function findUnknownValues(subject: TextSubject): Finding[] {
  const words = [
    ...wordsOfKeywords(subject),
    ...wordsOfSpecifications(subject),
    ...wordsOfPythonCompat(subject),
  ];
  const lists = [...new Set(words.map(({ others }) => others))];
  return lists.flatMap((others) => {
    const unknown = words.filter((word) => word.others === others);
    const near = nearestWords(
      unknown.map(({ name }) => name),
      () => others,
    );
    return unknown.map((word) => explain(word, near.get(word.name)));
  });
}

function explain({ name, severity, claim, start, end }: UnknownWord, other: string | undefined): Finding {
  return {
    code: 'unknown-value',
    severity,
    message: `${claim}: ${other === undefined ? 'correct or remove it' : `perhaps you mean ${other}`}.`,
    range: { start, end },
    evidence: [],
    fix: asFix(
      `Change to ${other}`,
      other === undefined ? [] : [{ start: end - name.length, end, newText: other }],
      false,
    ),
    about: [],
  };
}

function wordsOfKeywords({ facts, knowledge }: TextSubject): UnknownWord[] {
  const others = knowledge?.incomplete === undefined ? knowledge?.architectures() : undefined;
  if (others === undefined) return [];
  return plainWords(facts, 'KEYWORDS').flatMap(({ word, start, end }) => {
    const name = word.replace(/^[-~]/, '');
    const claim = `KEYWORDS has ${name}, and no profiles/arch.list does`;
    return name === '*' || others.has(name) ? [] : [{ name, severity: 'error', claim, others, start, end }];
  });
}

/** The words of a variable that no expansion touches. */
function plainWords(
  facts: TextSubject['facts'],
  variable: string,
): (TextRange & { readonly word: string })[] {
  return effectiveAssignments(facts, variable, Number.POSITIVE_INFINITY)
    .filter(({ quote, closed }) => closed && quote !== 'array' && quote !== 'mixed')
    .flatMap(({ valueRange }) => {
      const value = facts.text.slice(valueRange.start, valueRange.end);
      return [...value.matchAll(/\S+/g)].flatMap((found) => {
        const [word] = found;
        const start = valueRange.start + found.index;
        return EXPANSION.test(word) ? [] : [{ word, start, end: start + word.length }];
      });
    });
}

function wordsOfSpecifications({ specifications, knowledge }: TextSubject): UnknownWord[] {
  const licenses = knowledge?.incomplete === undefined ? knowledge?.licenses() : undefined;
  const known: Partial<Record<SpecificationVariable, ReadonlySet<string> | undefined>> = {
    ...TOKENS,
    LICENSE: licenses,
  };
  return specifications.flatMap(({ variable, parsed }) => {
    const others = known[variable];
    if (others === undefined) return [];
    return namesOf(parsed.nodes)
      .filter(
        ({ name, start, end }) => !others.has(name) && !EXPANSION.test(name) && end - start === name.length,
      )
      .map((found) => ({
        ...found,
        severity: variable === 'LICENSE' ? 'error' : 'warning',
        claim:
          variable === 'LICENSE'
            ? `No repository has a licence ${found.name}`
            : `Neither PMS nor Portage knows ${found.name} in ${variable}`,
        others,
      }));
  });
}

function namesOf(nodes: readonly SpecificationNode<Item>[]): (TextRange & { readonly name: string })[] {
  return nodes.flatMap((node) => {
    if (hasChildren(node)) return namesOf(node.children);
    return node.kind === 'name' ? [{ name: node.text, start: node.start, end: node.end }] : [];
  });
}

function wordsOfPythonCompat({ facts }: TextSubject): UnknownWord[] {
  return effectiveAssignments(facts, 'PYTHON_COMPAT', Number.POSITIVE_INFINITY)
    .filter(({ quote, closed }) => closed && quote === 'array')
    .flatMap(({ valueRange: { start: from, end: to } }) =>
      [...facts.text.slice(from, to).matchAll(/#[^\n]*|[^\s()]+/g)].flatMap((found): UnknownWord[] => {
        const [name] = found;
        if (name.startsWith('#') || EXPANSION.test(name)) return [];
        if (expandBraces(name)?.every((word) => IMPLEMENTATION.test(word)) !== false) return [];
        const start = from + found.index;
        const claim = `python-utils-r1.eclass has no implementation ${name}`;
        return [{ name, severity: 'error', claim, others: NONE, start, end: start + name.length }];
      }),
    );
}
