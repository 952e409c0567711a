import { featuresOf, type SpecificationRules } from './eapi.ts';
import { type Grammar, type Item, parseSpecification, type Specification } from './specification.ts';
import type { Word } from './specification-word.ts';
import type { Report } from './text-range.ts';

/** One entry of SRC_URI (PMS 7.3.2 and 8.2). */
export interface SourceNode extends Item {
  readonly kind: 'source';
  /** Without `fetch+` or `mirror+`; empty where only a file name is written. */
  readonly uri: string;
  /** What `fetch+` or `mirror+` lifts: a restriction of RESTRICT for this one file. */
  readonly lifts: '' | 'fetch' | 'mirror';
  /** What the file is called in DISTDIR: the name after `->`, else the last part of the URI. */
  readonly fileName: string;
}

const ARROW = '->';
const WITH_PROTOCOL = /^(?:(fetch|mirror)\+)?([A-Za-z][A-Za-z0-9+.-]*:\/\/.*)$/s;

const GRAMMAR: Grammar<SourceNode> = {
  variables: 'SRC_URI',
  syntax: 'uri',
  operators: [],
  joinWords: joinArrows,
  readItem(text, range, rules, report) {
    const [written = '', arrow, renamed] = text.split(/\s+/);
    const match = WITH_PROTOCOL.exec(written);
    const lifts = (match?.[1] ?? '') as SourceNode['lifts'];
    const uri = match?.[2] ?? '';
    if (lifts !== '' && !featuresOf(rules.eapi).uriRestrictions)
      report(
        range.start,
        range.start + lifts.length + 1,
        `This EAPI has no \`${lifts}+\`: remove it, or use EAPI 8 or later.`,
      );
    const end = range.start + written.length;
    if (match === null && (arrow !== undefined || written.includes('/'))) {
      const fix =
        arrow === undefined
          ? 'write protocol://host/path or a file name'
          : 'write protocol://host/path, or only the name after the arrow';
      report(range.start, end, `\`${written}\` is not a URI: ${fix}.`);
      return undefined;
    }
    const fileName = renamed ?? written.slice(written.lastIndexOf('/') + 1);
    if (fileName === '') {
      report(range.start, end, `\`${written}\` has no file name at its end: write \`-> name\` after it.`);
      return undefined;
    }
    if (renamed?.includes('/') === true) {
      const start = range.end - renamed.length;
      report(start, range.end, `\`${renamed}\` is not a file name: write it without \`/\`.`);
      return undefined;
    }
    return { kind: 'source', uri, lifts, fileName, text, ...range };
  },
};

/**
 * Reads SRC_URI (PMS 8.2), with the promises of `parseDependency`. A source of which bash expands any part is one opaque
 * node, its arrow and its name included.
 *
 * @param text the value without the quotes around it
 * @param baseOffset where `text` begins in the whole file; added to every range
 */
export function parseSourceUri(
  text: string,
  baseOffset = 0,
  rules: SpecificationRules = {},
): Specification<SourceNode> {
  return parseSpecification(GRAMMAR, text, baseOffset, rules);
}

/** Makes one word of `uri -> name`. */
function joinArrows(words: readonly Word[], text: string, rules: SpecificationRules, report: Report): Word[] {
  const result: Word[] = [];
  for (let index = 0; index < words.length; index++) {
    const word = words[index];
    if (word === undefined) break;
    const arrow = words[index + 1];
    if (word.text === ARROW) {
      report(word.start, word.end, '`->` stands after no URI: write one before it or remove it.');
    } else if (!isName(word) || arrow?.text !== ARROW) {
      result.push(word);
    } else {
      const name = words[index + 2];
      index++;
      if (!featuresOf(rules.eapi).arrows)
        report(arrow.start, arrow.end, 'This EAPI has no `->`: use EAPI 2 or later.');
      if (name === undefined || !isName(name)) {
        report(arrow.start, arrow.end, 'The file name is missing after `->`: write it or remove the arrow.');
        result.push(word);
        continue;
      }
      index++;
      const kind = word.kind === 'opaque' || name.kind === 'opaque' ? 'opaque' : 'word';
      result.push({ kind, text: text.slice(word.start, name.end), start: word.start, end: name.end });
    }
  }
  return result;
}

/** Whether the word can be a URI or a file name rather than a part of the tree. */
function isName({ kind, text }: Word): boolean {
  if (kind !== 'word' && kind !== 'opaque') return false;
  return text !== ARROW && text !== '||' && text !== '^^' && text !== '??' && !/^!?[^/]*\?$/.test(text);
}
