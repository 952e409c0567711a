import { flagArgument, TAKES_ATOM } from '../../language/contexts.ts';
import type { LanguageSubject } from '../../language/subject.ts';
import { documentedNames, findCommand, findPhase, findVariable, isGiven } from '../../language/vocabulary.ts';
import type { ReadEbuild } from '../read-ebuild.ts';
import { atomTokens } from './atom-tokens.ts';
import { plainToken, type SemanticToken } from './semantic-token.ts';

/** Whose a name is. */
interface Names {
  /** The functions that the text defines. */
  readonly own: ReadonlySet<string>;
  readonly eclassFunctions: ReadonlySet<string>;
  /** The variables of eclasses, and whether the eclass sets them. */
  readonly eclassVariables: ReadonlyMap<string, boolean>;
}

/** The names of variables, functions and eclasses, and the arguments of commands that take a flag or an atom. May read files. */
export function nameTokens({ facts, tree }: ReadEbuild, subject: LanguageSubject): SemanticToken[] {
  const names = readNames(subject);
  const { text } = facts;
  const variables = tree.rootNode.descendantsOfType('variable_name').flatMap((node) => {
    if (node === null) return [];
    const token = variableToken(text, node.startIndex, node.endIndex, names);
    return token === undefined ? [] : [token];
  });
  return [
    ...variables,
    ...facts.inherits.map(({ start, end }) => plainToken('namespace', start, end)),
    ...facts.functions.map(({ name, nameRange }): SemanticToken => {
      const isPhase = findPhase(name) !== undefined;
      const modifiers = isPhase ? (['declaration', 'defaultLibrary'] as const) : (['declaration'] as const);
      return { type: 'function', start: nameRange.start, end: nameRange.end, modifiers };
    }),
    ...facts.commands.flatMap((command) => {
      const token = commandToken(text, command, names);
      return [...(token === undefined ? [] : [token]), ...argumentTokens(text, command)];
    }),
  ];
}

function readNames(subject: LanguageSubject): Names {
  const eclassFunctions = new Set<string>();
  const eclassVariables = new Map<string, boolean>();
  for (const { documented } of documentedNames(subject)) {
    if (documented.kind === 'function') eclassFunctions.add(documented.name);
    else eclassVariables.set(documented.name, documented.isOutput);
  }
  return { own: new Set(subject.facts.functions.map(({ name }) => name)), eclassFunctions, eclassVariables };
}

function variableToken(text: string, start: number, end: number, names: Names): SemanticToken | undefined {
  const name = text.slice(start, end);
  if (!/^[A-Za-z_]\w*$/.test(name)) return undefined;
  // `${X=…}` gives a value too, but is read as an expansion.
  const isSet = /^\+?=/.test(text.slice(end, end + 2)) && !/[{#!]/.test(text[start - 1] ?? '');
  const declaration = isSet ? (['declaration'] as const) : [];
  if (findVariable(name) !== undefined) {
    const readonly = isGiven(name) ? (['readonly'] as const) : [];
    return { type: 'variable', start, end, modifiers: [...declaration, ...readonly, 'defaultLibrary'] };
  }
  const isOutput = names.eclassVariables.get(name);
  if (isOutput === undefined) return { type: 'variable', start, end, modifiers: declaration };
  return { type: 'property', start, end, modifiers: isOutput ? [...declaration, 'readonly'] : declaration };
}

function commandToken(
  text: string,
  { name, start }: { readonly name: string; readonly start: number },
  names: Names,
): SemanticToken | undefined {
  const end = start + name.length;
  // `inherit` is a keyword of the grammar, and a name in quotes stands elsewhere.
  if (name === 'inherit' || text.slice(start, end) !== name) return undefined;
  if (names.own.has(name) && findPhase(name) === undefined) return plainToken('function', start, end);
  if ((findPhase(name) ?? findCommand(name)) !== undefined)
    return { type: 'function', start, end, modifiers: ['defaultLibrary'] };
  return names.eclassFunctions.has(name) ? plainToken('method', start, end) : undefined;
}

/** The part of a command in which an atom is looked for. */
const LONGEST_COMMAND = 1000;

function argumentTokens(
  text: string,
  command: { readonly name: string; readonly start: number; readonly end: number },
): SemanticToken[] {
  const flag = flagArgument(text, command);
  if (flag !== undefined) return [plainToken('enumMember', flag.start, flag.end)];
  if (!TAKES_ATOM.test(command.name)) return [];
  const from = command.start + command.name.length;
  const written = text.slice(from, Math.min(command.end, from + LONGEST_COMMAND));
  return [...written.matchAll(/(?<=[\s"'])[!<>=~]{0,4}[A-Za-z0-9_][\w+.-]*\/[^\s"']+/g)].flatMap(
    ({ index, 0: word }) => atomTokens(text, { start: from + index, end: from + index + word.length }),
  );
}
