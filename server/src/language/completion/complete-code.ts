import { wordAround } from '../place.ts';
import { inheritsOf } from '../subject.ts';
import { documentedNames } from '../vocabulary.ts';
import { COMMANDS } from '../words/commands.ts';
import { PHASES } from '../words/phases.ts';
import { EBUILD_VARIABLES, GIVEN_VARIABLES } from '../words/variables.ts';
import { isIn, type Word } from '../words/word.ts';
import {
  type Candidate,
  type Completions,
  join,
  NONE,
  offer,
  type Request,
  withDetail,
} from './completion.ts';

/** The variables whose values are arrays. */
const ARRAYS = new Set(['PATCHES', 'DOCS', 'HTML_DOCS', 'PYTHON_COMPAT', 'LUA_COMPAT', 'LLVM_COMPAT']);

/** Completes the beginning of a line outside functions: variables and phase functions that the ebuild lacks. In a function: commands. */
export function completeAtLineStart(request: Request, lineStart: number): Completions {
  const { facts, offset } = request;
  if (functionAt(request) !== undefined) return completeCommand(request, facts.text.slice(lineStart, offset));
  const { text } = facts;
  const range = wordAround(text, offset, /\w/);
  // What follows the word is there already.
  if (/^[=+(]/.test(text.slice(range.end, range.end + 1))) return NONE;
  const assigned = new Set(facts.assignments.map(({ name }) => name));
  const defined = new Set(facts.functions.map(({ name }) => name));
  const lacks = (word: Word) => isIn(facts.eapi, word) && !assigned.has(word.name) && !defined.has(word.name);
  return join(
    offer(EBUILD_VARIABLES.filter(lacks).map(toAssignment), 'variable', request, range),
    offer(eclassVariables(request, assigned), 'variable', request, range),
    offer(PHASES.filter(lacks).map(toFunction), 'phase', request, range),
    offer(
      [{ text: 'inherit', detail: 'Sources eclasses', snippet: 'inherit $0' }],
      'command',
      request,
      range,
    ),
  );
}

function toAssignment({ name, summary }: Word): Candidate {
  return {
    ...withDetail(name, summary),
    snippet: ARRAYS.has(name) ? `${name}=( $0 )` : `${name}="$0"`,
  };
}

function toFunction({ name, summary }: Word): Candidate {
  const body = name === 'src_prepare' || name === 'src_install' ? '\tdefault\n\t$0' : '\t$0';
  return { ...withDetail(name, summary), snippet: `${name}() {\n${body}\n}` };
}

function eclassVariables({ facts, knowledge }: Request, assigned: ReadonlySet<string>): Candidate[] {
  if (knowledge === undefined) return [];
  return [...documentedNames(inheritsOf(facts), knowledge)]
    .filter(
      ({ documented: { kind, name, isInternal, isForUsers, isOutput } }) =>
        kind === 'variable' && !isInternal && !isForUsers && !isOutput && !assigned.has(name),
    )
    .map(({ eclass, documented: { name } }) => ({
      text: name,
      detail: `${eclass}.eclass`,
      snippet: ARRAYS.has(name) ? `${name}=( $0 )` : `${name}="$0"`,
    }));
}

/** Completes the name of a command in a function: those of PMS, of the inherited eclasses and of the ebuild. */
export function completeCommand(request: Request, line: string): Completions {
  const { facts } = request;
  // A command begins a line or follows `(`, `;`, `|`, `&&`, `||`, `!` or a word of the shell.
  if (!/(?:^\s*|[(;|!&]\s*|\b(?:if|then|else|elif|do|while|until|nonfatal|edo)\s+)[\w.-]*$/.test(line))
    return NONE;
  const phase = functionAt(request);
  if (phase === undefined) return NONE;
  const range = wordAround(facts.text, request.offset, /[\w.-]/);
  const fits = ({ where }: Word) => where !== undefined && where === phase;
  const words = COMMANDS.filter((word) => isIn(facts.eapi, word) && word.name !== 'inherit');
  // Those that belong into this phase come first.
  const sorted = [...words.filter(fits), ...words.filter((word) => !fits(word))];
  return join(
    offer(
      sorted.map(({ name, summary }) => withDetail(name, summary)),
      'command',
      request,
      range,
    ),
    offer(eclassFunctions(request), 'command', request, range),
    offer(
      facts.functions
        .filter(({ name }) => name !== phase)
        .map(({ name }) => ({ text: name, detail: 'this ebuild' })),
      'command',
      request,
      range,
    ),
  );
}

function eclassFunctions({ facts, knowledge }: Request): Candidate[] {
  if (knowledge === undefined) return [];
  return [...documentedNames(inheritsOf(facts), knowledge)]
    .filter(({ documented: { kind, isInternal } }) => kind === 'function' && !isInternal)
    .map(({ eclass, documented: { name, usage } }) => ({
      text: name,
      detail: usage === undefined ? `${eclass}.eclass` : `${usage} · ${eclass}.eclass`,
    }));
}

/** Completes the name of a variable after `$` or `${`: those of PMS, of the inherited eclasses and of the ebuild. */
export function completeVariable(request: Request, start: number): Completions {
  const { facts, offset, knowledge } = request;
  const range = { start, end: wordAround(facts.text, offset, /\w/).end };
  const given = GIVEN_VARIABLES.filter((word) => isIn(facts.eapi, word));
  const own = [
    ...new Set(
      facts.assignments.filter((found) => found.end < offset || found.start > offset).map(({ name }) => name),
    ),
  ];
  const eclasses = knowledge === undefined ? [] : [...documentedNames(inheritsOf(facts), knowledge)];
  return join(
    offer(
      own.map((text) => ({ text, detail: 'this ebuild' })),
      'variable',
      request,
      range,
    ),
    offer(
      given.map(({ name, summary }) => withDetail(name, summary)),
      'variable',
      request,
      range,
    ),
    offer(
      eclasses
        .filter(({ documented: { kind, isInternal } }) => kind === 'variable' && !isInternal)
        .map(({ eclass, documented: { name } }) => ({ text: name, detail: `${eclass}.eclass` })),
      'variable',
      request,
      range,
    ),
  );
}

/** The name of the function that holds the place. */
function functionAt({ facts, offset }: Request): string | undefined {
  return facts.functions.find(({ nameRange, end }) => nameRange.end < offset && offset < end)?.name;
}
