import type { EbuildFacts } from '../ebuild/ebuild-facts.ts';
import { staticMetadata } from '../ebuild/static-metadata.ts';
import type { TextRange } from '../pms/text-range.ts';
import { compareVersions, parseVersion } from '../pms/version.ts';
import type { Knowledge } from './knowledge.ts';

/** A word that can be inserted at a place of an ebuild. */
export interface Completion {
  readonly kind: 'category' | 'package' | 'version' | 'slot' | 'flag' | 'eclass';
  /** The text that replaces `range`. */
  readonly text: string;
  /** The whole word, or the part of it that is replaced. It contains the requested offset. */
  readonly range: TextRange;
  /** One line for the author, such as what a flag does. */
  readonly detail?: string;
}

export interface Completions {
  readonly items: readonly Completion[];
  /** Whether more words match than are given, so that the editor must ask again when more is typed. */
  readonly isIncomplete: boolean;
}

/** Nobody scrolls through a longer list. */
const MOST = 300;
/** Longer words are not atoms. The bound keeps the search short in very long lines. */
const LONGEST_WORD = 500;
const NONE: Completions = { items: [], isIncomplete: false };
const DEPENDENCY = /DEP(?:END|S)?$|DEPEND|_DEPS/;
const FLAGS_WANTED = /^(?:REQUIRED_USE|RESTRICT|SRC_URI|LICENSE|PROPERTIES)$/;

/**
 * Gives the words that can be written at an offset of an ebuild. Total. In dependency strings these are categories,
 * packages, versions after an operator, slots after `:` and flags after `[`. Before `?` and in REQUIRED_USE they are
 * the ebuild's own flags, and after `inherit` eclasses.
 */
export function complete(facts: EbuildFacts, offset: number, knowledge: Knowledge): Completions {
  const { text } = facts;
  const ownFlags = staticMetadata(facts).iuse ?? [];
  const lineStart = text.lastIndexOf('\n', offset - 1) + 1;
  if (/^\s*inherit\s[^#;]*$/.test(text.slice(lineStart, offset))) {
    return limit(knowledge.eclassNames(), 'eclass', {
      text,
      offset,
      range: wordAround(text, offset, /[\w.+-]/),
    });
  }
  const assignment = facts.assignments.find(
    ({ valueRange, quote }) => quote !== 'array' && valueRange.start <= offset && offset <= valueRange.end,
  );
  if (assignment === undefined) return NONE;
  if (FLAGS_WANTED.test(assignment.name)) {
    const word = wordAround(text, offset, /[\w+@-]/);
    return limit(ownFlags, 'flag', { text, offset, range: word });
  }
  return DEPENDENCY.test(assignment.name) ? completeAtom(text, offset, knowledge, ownFlags) : NONE;
}

function completeAtom(
  text: string,
  offset: number,
  knowledge: Knowledge,
  ownFlags: readonly string[],
): Completions {
  const before = text.slice(startOfAtom(text, offset), offset);
  const bracket = before.lastIndexOf('[');
  const body = /^(!{0,2})([<>]=?|[=~]?)([^[:\s]*)/.exec(before);
  const operator = body?.[2] ?? '';
  const named = body?.[3] ?? '';
  if (bracket >= 0) {
    const found = splitName(named, operator, knowledge);
    const flag = wordAround(text, offset, /[\w+@-]/);
    if (found === undefined || before.indexOf(']', bracket) >= 0) return NONE;
    const flags = new Set(knowledge.offered(found.category, found.name).flatMap(({ iuse }) => iuse ?? []));
    const describe = (name: string) => knowledge.describeFlag(found.category, found.name, name);
    return limit(flags, 'flag', { text, offset, range: withoutMinus(text, flag) }, describe);
  }
  const colon = before.indexOf(':');
  if (colon >= 0) {
    const found = splitName(named, operator, knowledge);
    if (found === undefined) return NONE;
    const slots = new Set(knowledge.offered(found.category, found.name).flatMap(({ slot }) => slot ?? []));
    return limit(slots, 'slot', { text, offset, range: wordAround(text, offset, /[\w+.-]/) });
  }
  const nameStart = offset - named.length;
  if (operator !== '') {
    const found = splitName(named, operator, knowledge);
    const versionStart = nameStart + (found === undefined ? 0 : `${found.category}/${found.name}`.length + 1);
    if (found !== undefined && text[versionStart - 1] === '-' && versionStart <= offset) {
      const range = { start: versionStart, end: wordAround(text, offset, /[\w.*-]/).end };
      return limit(newestFirst(found, knowledge), 'version', { text, offset, range });
    }
  }
  const range = { start: nameStart, end: wordAround(text, offset, /[\w+./-]/).end };
  return completeName(named, range, knowledge, ownFlags);
}

function completeName(
  typed: string,
  range: TextRange,
  knowledge: Knowledge,
  ownFlags: readonly string[],
): Completions {
  const items: Completion[] = [];
  const slash = typed.indexOf('/');
  const categories = new Set<string>();
  for (const name of knowledge.packageNames()) {
    const cut = name.indexOf('/');
    if (slash < 0) categories.add(name.slice(0, cut + 1));
    const fits = slash < 0 ? typed.length >= 2 && name.startsWith(typed, cut + 1) : name.startsWith(typed);
    if (fits && items.length < MOST)
      items.push({ kind: 'package', text: name, range, ...newest(name, knowledge) });
  }
  const isIncomplete = slash < 0 || items.length === MOST;
  for (const category of categories)
    if (category.startsWith(typed)) items.unshift({ kind: 'category', text: category, range });
  // A word that has no slash yet may become a condition.
  if (slash < 0)
    for (const flag of ownFlags)
      if (flag.startsWith(typed)) items.push({ kind: 'flag', text: `${flag}?`, range });
  return { items, isIncomplete };
}

function newest(name: string, knowledge: Knowledge): { readonly detail?: string } {
  const cut = name.indexOf('/');
  const [version] = newestFirst({ category: name.slice(0, cut), name: name.slice(cut + 1) }, knowledge);
  return version === undefined ? {} : { detail: version };
}

interface PackageName {
  readonly category: string;
  readonly name: string;
}

function newestFirst({ category, name }: PackageName, knowledge: Knowledge): string[] {
  const versions = new Set(knowledge.offered(category, name).map(({ version }) => version));
  return [...versions].sort((left, right) => {
    const [a, b] = [parseVersion(left), parseVersion(right)];
    return a === undefined || b === undefined ? 0 : compareVersions(b, a);
  });
}

/**
 * The longest prefix of the written text that is a package: after an operator, a version or the beginning of one may
 * follow the name.
 */
function splitName(written: string, operator: string, knowledge: Knowledge): PackageName | undefined {
  const slash = written.indexOf('/');
  if (slash < 0) return undefined;
  const category = written.slice(0, slash);
  for (let end = written.length; end > slash + 1; end = written.lastIndexOf('-', end - 1)) {
    const name = written.slice(slash + 1, end);
    if (knowledge.offered(category, name).length > 0) return { category, name };
    if (operator === '') return undefined;
  }
  return undefined;
}

/** The texts that begin with the typed part of the range. */
function limit(
  texts: Iterable<string>,
  kind: Completion['kind'],
  { text, offset, range }: { readonly text: string; readonly offset: number; readonly range: TextRange },
  describe: (candidate: string) => string | undefined = () => undefined,
): Completions {
  const typed = text.slice(range.start, offset);
  const items: Completion[] = [];
  for (const candidate of texts) {
    if (!candidate.startsWith(typed)) continue;
    if (items.length === MOST) return { items, isIncomplete: true };
    const detail = describe(candidate);
    items.push({ kind, text: candidate, range, ...(detail === undefined ? {} : { detail }) });
  }
  return { items, isIncomplete: false };
}

/** The characters of this kind around an offset. */
function wordAround(text: string, offset: number, letter: RegExp): TextRange {
  let start = offset;
  let end = offset;
  while (start > 0 && letter.test(text[start - 1] ?? '')) start--;
  while (end < text.length && letter.test(text[end] ?? '')) end++;
  return { start, end };
}

/** Leaves out the hyphen of `[-flag]`, which says that the flag is off. */
function withoutMinus(text: string, { start, end }: TextRange): TextRange {
  let begin = start;
  while (begin < end && text[begin] === '-') begin++;
  return { start: begin, end };
}

/**
 * The offset at which the atom around an offset begins. The parentheses of a default, as in `[flag(+)]`, are part of
 * it.
 */
function startOfAtom(text: string, offset: number): number {
  const line = text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset);
  const atom = /(?:[^\s"'()]|\([+-]\))*$/.exec(line.slice(-LONGEST_WORD));
  return offset - (atom?.[0].length ?? 0);
}
