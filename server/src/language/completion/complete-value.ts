import type { Assignment } from '../../ebuild/ebuild-facts.ts';
import { wordAround } from '../place.ts';
import { VALUES } from '../words/values.ts';
import {
  type Candidate,
  type Completions,
  join,
  NONE,
  offer,
  type Request,
  toCandidates,
  withDetail,
} from './completion.ts';

/** The USE_EXPAND groups whose flags are, without their prefix, the words of a variable. */
const GROUPS: ReadonlyMap<string, string> = new Map([
  ['PYTHON_COMPAT', 'python_targets'],
  ['USE_RUBY', 'ruby_targets'],
  ['LUA_COMPAT', 'lua_targets'],
  ['LLVM_COMPAT', 'llvm_slot'],
]);

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
  return completeImplementation(request, variable);
}

function completeImplementation(request: Request, variable: string): Completions {
  const group = GROUPS.get(variable);
  if (group === undefined) return NONE;
  const { knowledge } = request;
  const range = wordAround(request.facts.text, request.offset, /[\w.-]/);
  const candidates = (knowledge?.flagsOfGroup(group) ?? []).map((flag) =>
    withDetail(flag.slice(group.length + 1), knowledge?.describeFlag('', '', flag)),
  );
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
  return Object.entries(VALUES[variable] ?? {}).map(([text, detail]) => withDetail(text, detail));
}
