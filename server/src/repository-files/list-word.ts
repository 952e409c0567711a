import { atomIn, wordAround } from '../language/place.ts';
import { parseAtom } from '../pms/atom.ts';
import type { NamedPackage } from '../pms/package-name.ts';
import type { FileWord } from './file-word.ts';
import type { RepositoryFile } from './repository-file.ts';
import { type LineWord, lineAt, wordsOf } from './text-lines.ts';

type ListFile = Extract<RepositoryFile, { kind: 'list' }>;

/** What a place of a file of profiles/ names (PMS 4.4, 5.2). */
export function listWordAt(file: ListFile, text: string, offset: number): FileWord | undefined {
  if (file.form === 'settings') return settingAt(text, offset);
  const words = wordsOf(lineAt(text, offset));
  const index = words.findIndex(({ start, end }) => start <= offset && offset <= end);
  const word = words[index];
  if (word === undefined) return undefined;
  switch (file.form) {
    case 'packages':
      return atomIn(text, withoutMarks(word), offset, word);
    case 'versions':
      return index === 0 ? providedAt(word) : undefined;
    case 'package-flags':
      return index === 0
        ? atomIn(text, withoutMarks(word), offset, word)
        : flagOf(word, { of: packageOf(words[0]), group: groupBefore(words, index) });
    case 'flags':
      return flagOf(word, { of: undefined });
    case 'flag-descriptions':
      return index === 0 ? flagOf(word, { of: undefined, group: file.group }) : undefined;
    case 'package-flag-descriptions':
      return index === 0 ? describedAt(word, offset) : undefined;
    case 'parents':
      return { kind: 'profile', path: word.text, start: word.start, end: word.end };
    case 'profiles':
      return index === 1 ? { kind: 'profile', path: word.text, start: word.start, end: word.end } : undefined;
    case 'eapi':
      return { kind: 'value', variable: 'EAPI', name: word.text, start: word.start, end: word.end };
    case 'words':
      return undefined;
  }
}

/** An atom without `-`, which removes an entry of a parent, and without `*`, which marks packages of @system (PMS 5.2.6). */
function withoutMarks({ start, end, text }: LineWord): { readonly start: number; readonly end: number } {
  return { start: start + (/^[-*]*!*/.exec(text)?.[0].length ?? 0), end };
}

function providedAt({ text, start, end }: LineWord): FileWord | undefined {
  const { atom } = parseAtom(`=${text.replace(/^-/, '')}`);
  return atom && { kind: 'package', package: { category: atom.category, name: atom.name }, start, end };
}

function packageOf(word: LineWord | undefined): NamedPackage | undefined {
  const atom = word && parseAtom(word.text.replace(/^[-*]+/, '')).atom;
  return atom && { category: atom.category, name: atom.name };
}

/** The USE_EXPAND group that a word such as `PYTHON_TARGETS:` gives to those after it (make.conf(5), package.use of Portage). */
function groupBefore(words: readonly LineWord[], index: number): string | undefined {
  const group = words.slice(1, index).findLast(({ text }) => /^\w+:$/.test(text));
  return group?.text.slice(0, -1).toLowerCase();
}

function flagOf(
  { text, start, end }: LineWord,
  { of, group }: { readonly of: NamedPackage | undefined; readonly group?: string | undefined },
): FileWord | undefined {
  const sign = /^[-+]*/.exec(text)?.[0].length ?? 0;
  const written = text.slice(sign);
  if (!/^[\w+@-]+$/.test(written)) return undefined;
  const name = group === undefined ? written : `${group}_${written}`;
  return { kind: 'flag', name, of, start: start + sign, end };
}

/** The package or the flag of `category/name:flag`. */
function describedAt({ text, start, end }: LineWord, offset: number): FileWord | undefined {
  const colon = text.indexOf(':');
  if (colon < 0) return undefined;
  const of = packageOf({ text: text.slice(0, colon), start, end });
  if (of === undefined) return undefined;
  if (offset <= start + colon) return { kind: 'package', package: of, start, end: start + colon };
  return { kind: 'flag', name: text.slice(colon + 1), of, start: start + colon + 1, end };
}

const ASSIGNMENT = /^[ \t]*([A-Za-z_]\w*)=("[^"]*(?:"|$)|'[^']*(?:'|$)|[^\s#"']*)/gm;
/** Variables whose words are flags; the USE_EXPAND groups have theirs without the prefix. */
const FLAGS = /^(?:USE|BOOTSTRAP_USE|IUSE_IMPLICIT|USE_EXPAND_IMPLICIT)$/;
/** Variables whose words are variables. */
const NAMES = /^(?:USE_EXPAND(?:_HIDDEN|_UNPREFIXED)?|ENV_UNSET|PROFILE_ONLY_VARIABLES)$/;

/** The variable, or the flag in a value, at a place of make.defaults (PMS 5.2.4). */
function settingAt(text: string, offset: number): FileWord | undefined {
  for (const { index, 0: whole, 1: name = '', 2: value = '' } of text.matchAll(ASSIGNMENT)) {
    const end = index + whole.length;
    if (index > offset) return undefined;
    if (offset > end) continue;
    const valueStart = end - value.length;
    const nameStart = valueStart - 1 - name.length;
    if (offset < valueStart) return { kind: 'variable', name, start: nameStart, end: valueStart - 1 };
    return settingWordAt(text, name, offset);
  }
  return undefined;
}

function settingWordAt(text: string, variable: string, offset: number): FileWord | undefined {
  const range = wordAround(text, offset, /[\w+@-]/);
  const word = { ...range, text: text.slice(range.start, range.end) };
  if (/\$\{?$/.test(text.slice(Math.max(0, range.start - 2), range.start)))
    return { kind: 'variable', name: word.text, ...range };
  if (NAMES.test(variable)) return { kind: 'variable', name: word.text, ...range };
  const group = FLAGS.test(variable) ? undefined : variable.replace(/^USE_EXPAND_VALUES_/, '').toLowerCase();
  return flagOf(word, { of: undefined, group });
}
