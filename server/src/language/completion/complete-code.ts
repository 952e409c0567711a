import { wordAround } from '../place.ts';
import { hasWord, type LanguageSubject, nounOf } from '../subject.ts';
import { documentedNames, type EclassName } from '../vocabulary.ts';
import { COMMANDS, EXPORT_FUNCTIONS } from '../words/commands.ts';
import { PHASES } from '../words/phases.ts';
import { EBUILD_VARIABLES, GIVEN_VARIABLES } from '../words/variables.ts';
import type { Word } from '../words/word.ts';
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
  const lacks = (word: Word) => hasWord(request, word) && !assigned.has(word.name) && !defined.has(word.name);
  return join(
    offer(variablesFor(request).filter(lacks).map(toAssignment), 'variable', request, range),
    offer(eclassVariables(request, assigned), 'variable', request, range),
    offer(phasesFor(request).filter(lacks).map(toFunction), 'phase', request, range),
    offer(request.eclass === undefined ? [] : [EXPORTING], 'command', request, range),
    offer(
      [{ text: 'inherit', detail: 'Sources eclasses', snippet: 'inherit $0' }],
      'command',
      request,
      range,
    ),
  );
}

const EXPORTING: Candidate = {
  ...withDetail(EXPORT_FUNCTIONS.name, EXPORT_FUNCTIONS.summary),
  snippet: `${EXPORT_FUNCTIONS.name} $0`,
};

/** Completes the phases after EXPORT_FUNCTIONS. */
export function completeExported(request: Request): Completions {
  const range = wordAround(request.facts.text, request.offset, /\w/);
  return offer(
    PHASES.map(({ name, summary }) => withDetail(name, summary)),
    'phase',
    request,
    range,
  );
}

/** The variables that the text may set: EAPI belongs to ebuilds alone (PMS 10.1). */
function variablesFor({ eclass }: LanguageSubject): readonly Word[] {
  return eclass === undefined ? EBUILD_VARIABLES : EBUILD_VARIABLES.filter(({ name }) => name !== 'EAPI');
}

/** The phase functions under the names that the text gives them: those of an eclass have its name before them (PMS 10.4). */
function phasesFor({ eclass }: LanguageSubject): readonly Word[] {
  if (eclass === undefined) return PHASES;
  return PHASES.map((phase) => ({ ...phase, name: `${eclass.name}_${phase.name}` }));
}

function toAssignment({ name, summary }: Word): Candidate {
  return {
    ...withDetail(name, summary),
    snippet: ARRAYS.has(name) ? `${name}=( $0 )` : `${name}="$0"`,
  };
}

function toFunction({ name, summary }: Word): Candidate {
  const body = /(?:^|_)src_(?:prepare|install)$/.test(name) ? '\tdefault\n\t$0' : '\t$0';
  return { ...withDetail(name, summary), snippet: `${name}() {\n${body}\n}` };
}

function eclassVariables(request: Request, assigned: ReadonlySet<string>): Candidate[] {
  return [...documentedNames(request)]
    .filter((found) => {
      const { kind, name, isForUsers, isOutput } = found.documented;
      const isFree = isForText(request, found) && !assigned.has(name);
      return kind === 'variable' && isFree && !isForUsers && !isOutput;
    })
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
  const words = COMMANDS.filter((word) => hasWord(request, word) && word.name !== 'inherit');
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
        .filter(({ name }) => name !== phase && !isDocumentedHere(request, name))
        .map(({ name }) => ({ text: name, detail: `this ${nounOf(request)}` })),
      'command',
      request,
      range,
    ),
  );
}

/** Whether the text may use a name: what is internal belongs to its eclass. */
function isForText({ eclass: own }: LanguageSubject, { eclass, documented }: EclassName): boolean {
  return !documented.isInternal || eclass === own?.name;
}

/** Whether the text is an eclass that documents a name, so that it is offered with its documentation. */
function isDocumentedHere({ eclass }: LanguageSubject, name: string): boolean {
  return eclass?.documentation.names.has(name) === true;
}

function eclassFunctions(request: Request): Candidate[] {
  return [...documentedNames(request)]
    .filter((found) => found.documented.kind === 'function' && isForText(request, found))
    .map(({ eclass, documented: { name, usage } }) => ({
      text: name,
      detail: usage === undefined ? `${eclass}.eclass` : `${usage} · ${eclass}.eclass`,
    }));
}

/** Completes the name of a variable after `$` or `${`: those of PMS, of the inherited eclasses and of the ebuild. */
export function completeVariable(request: Request, start: number): Completions {
  const { facts, offset } = request;
  const range = { start, end: wordAround(facts.text, offset, /\w/).end };
  const given = GIVEN_VARIABLES.filter((word) => hasWord(request, word));
  const own = [
    ...new Set(
      facts.assignments.filter((found) => found.end < offset || found.start > offset).map(({ name }) => name),
    ),
  ];
  const eclasses = [...documentedNames(request)];
  return join(
    offer(
      own
        .filter((name) => !isDocumentedHere(request, name))
        .map((text) => ({ text, detail: `this ${nounOf(request)}` })),
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
        .filter((found) => found.documented.kind === 'variable' && isForText(request, found))
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
