import type { Assignment } from '../../ebuild/ebuild-facts.ts';
import { wordAround } from '../place.ts';
import { VALUES } from '../words/values.ts';
import { type Candidate, type Completions, join, NONE, offer, type Request } from './completion.ts';

/** The variables whose implementations a USE_EXPAND group lists, and how a flag of the group becomes a word of the variable. */
const IMPLEMENTATIONS: Readonly<
  Record<string, { readonly group: string; readonly write: (name: string) => string }>
> = {
  PYTHON_COMPAT: { group: 'python_targets', write: (name) => name },
  USE_RUBY: { group: 'ruby_targets', write: (name) => name },
  LUA_COMPAT: { group: 'lua_targets', write: (name) => name },
  LLVM_COMPAT: { group: 'llvm_slot', write: (name) => name },
};

/** Completes a word in the value of a variable that is no dependency variable. */
export function completeValue(
  request: Request,
  { name: variable, valueRange }: Assignment,
  ownFlags: readonly string[],
): Completions {
  const { facts, offset, knowledge } = request;
  const { text } = facts;
  const word = wordAround(text, offset, /[^\s"'()]/);
  const start = Math.max(word.start, valueRange.start);
  const typed = text.slice(start, offset);
  const range = { start, end: Math.max(offset, Math.min(word.end, valueRange.end)) };
  const plain = (candidates: Iterable<Candidate>) => offer(candidates, 'value', request, range, variable);
  const conditions = () =>
    /^!?[\w+@-]*$/.test(typed)
      ? offer(
          ownFlags.map((flag) => ({ text: `${typed.startsWith('!') ? '!' : ''}${flag}?` })),
          'flag',
          request,
          range,
        )
      : NONE;
  switch (variable) {
    case 'EAPI':
      return plain(
        described(variable)
          .filter(({ text: eapi }) => Number(eapi) >= 7)
          .reverse(),
      );
    case 'KEYWORDS':
      return plain(keywords(typed, knowledge?.architectures()));
    case 'LICENSE':
      return join(plain(toCandidates(knowledge?.licenses() ?? [])), conditions());
    case 'RESTRICT':
    case 'PROPERTIES':
      return join(plain(described(variable)), conditions());
    case 'IUSE':
      return completeIuse(request, range, typed);
    case 'REQUIRED_USE':
      return completeRequiredUse(request, ownFlags);
    case 'SRC_URI':
      return conditions();
  }
  return completeImplementation(request, variable) ?? NONE;
}

function completeImplementation(request: Request, variable: string): Completions | undefined {
  const implementation = Object.hasOwn(IMPLEMENTATIONS, variable) ? IMPLEMENTATIONS[variable] : undefined;
  if (implementation === undefined) return undefined;
  const { group, write } = implementation;
  const flags = request.knowledge?.flagsOfGroup(group) ?? [];
  const range = wordAround(request.facts.text, request.offset, /[\w.-]/);
  const candidates = flags.map((flag) => ({
    text: write(flag.slice(group.length + 1)),
    ...detailOf(request.knowledge?.describeFlag('', '', flag)),
  }));
  return offer(candidates.reverse(), 'value', request, range, variable);
}

function completeIuse(request: Request, range: { start: number; end: number }, typed: string): Completions {
  const sign = /^[+-]?/.exec(typed)?.[0] ?? '';
  const flags = request.knowledge?.commonFlags() ?? new Map<string, string>();
  return offer(
    Array.from(flags, ([flag, detail]) => ({ text: flag, detail })),
    'flag',
    request,
    { start: range.start + sign.length, end: range.end },
  );
}

function completeRequiredUse(request: Request, ownFlags: readonly string[]): Completions {
  const range = wordAround(request.facts.text, request.offset, /[\w+@-]/);
  return offer(toCandidates(ownFlags), 'flag', request, range);
}

/** Testing keywords first: an ebuild begins with them. */
function* keywords(typed: string, architectures: ReadonlySet<string> | undefined): Generator<Candidate> {
  const names = [...(architectures ?? [])];
  if (typed === '' || typed.startsWith('~'))
    for (const name of names) yield { text: `~${name}`, detail: 'being tested' };
  if (typed.startsWith('-'))
    for (const name of ['*', ...names]) yield { text: `-${name}`, detail: 'does not work' };
  for (const name of names) yield { text: name, detail: 'stable' };
}

function described(variable: string): Candidate[] {
  return Object.entries(VALUES[variable] ?? {}).map(([text, detail]) => ({
    text,
    detail: detail.replaceAll('`', ''),
  }));
}

const toCandidates = (words: Iterable<string>): Candidate[] => Array.from(words, (text) => ({ text }));
const detailOf = (detail: string | undefined) => (detail === undefined ? {} : { detail });
