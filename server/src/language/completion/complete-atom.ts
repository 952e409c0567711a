import type { Knowledge } from '../../audit/knowledge.ts';
import type { NamedPackage } from '../../pms/package-name.ts';
import type { TextRange } from '../../pms/text-range.ts';
import { compareVersions, parseVersion } from '../../pms/version.ts';
import { atomAround, wordAround } from '../place.ts';
import {
  type Completion,
  type Completions,
  MOST,
  NONE,
  offer,
  type Request,
  toCandidates,
  withDetail,
} from './completion.ts';

/**
 * Completes an atom: categories, packages, versions after an operator, slots after `:` and flags after `[`; and the ebuild's own flags before
 * `?`.
 */
export function completeAtom(request: Request, ownFlags: readonly string[]): Completions {
  const { offset, knowledge } = request;
  const { text } = request.facts;
  if (knowledge === undefined) return NONE;
  const before = text.slice(atomAround(text, offset).start, offset);
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
    return offer(
      Array.from(flags, (name) => withDetail(name, describe(name))),
      'flag',
      request,
      withoutMinus(text, flag),
    );
  }
  const colon = before.indexOf(':');
  if (colon >= 0) {
    const found = splitName(named, operator, knowledge);
    if (found === undefined) return NONE;
    const slots = new Set(knowledge.offered(found.category, found.name).flatMap(({ slot }) => slot ?? []));
    return offer(toCandidates(slots), 'slot', request, wordAround(text, offset, /[\w+.-]/));
  }
  const nameStart = offset - named.length;
  if (operator !== '') {
    const found = splitName(named, operator, knowledge);
    const versionStart = nameStart + (found === undefined ? 0 : `${found.category}/${found.name}`.length + 1);
    if (found !== undefined && text[versionStart - 1] === '-' && versionStart <= offset) {
      const range = { start: versionStart, end: wordAround(text, offset, /[\w.*-]/).end };
      return offer(toCandidates(newestFirst(found, knowledge)), 'version', request, range);
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

function newestFirst({ category, name }: NamedPackage, knowledge: Knowledge): string[] {
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
function splitName(written: string, operator: string, knowledge: Knowledge): NamedPackage | undefined {
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

/** Leaves out the hyphen of `[-flag]`, which says that the flag is off. */
function withoutMinus(text: string, { start, end }: TextRange): TextRange {
  let begin = start;
  while (begin < end && text[begin] === '-') begin++;
  return { start: begin, end };
}
