import type { Tree } from 'web-tree-sitter';
import type { TextRange } from '../pms/text-range.ts';
import { type PathWalk, type Step, walkPaths } from './path-walk.ts';

/** A function of the ebuild around a place. */
export interface SurroundingFunction {
  readonly name: string;
  readonly start: number;
}

/** One place where a text means a variable or a function. The range is that of the name alone. */
export interface Occurrence extends TextRange {
  readonly kind: 'variable' | 'function';
  /** `write` for everything that sets a variable, and for the definition of a function. */
  readonly role: 'write' | 'read';
  /** Whether it declares a variable or gives it a value, or is the head of a function. */
  readonly defines: boolean;
  readonly inFunction: SurroundingFunction | undefined;
  /** The end of the `local` command, if this is its name: what follows in the function is another variable than outside. */
  readonly localFrom: number | undefined;
}

/** A name that stands more often is not followed further: the text is no ebuild. */
const MOST_PLACES = 20_000;
/** The part of a command before a word that says what the word is. */
const LONGEST_COMMAND = 1000;

/** What bash never expands. */
const LITERAL = new Set(['comment', 'raw_string', 'ansi_c_string']);
/** Commands that set the variables which their arguments name, with the options of each that take a word. */
const SETTERS: Readonly<Record<string, RegExp>> = {
  read: /^-\w*[dinNptu]$/,
  mapfile: /^-\w*[dnOsuCc]$/,
  readarray: /^-\w*[dnOsuCc]$/,
};
/** Commands whose arguments may be functions of the ebuild, among them the wrappers of eclasses, as in `multilib_foreach_abi`. */
const WRAPPERS =
  /^(?:edo|nonfatal|trap|type|command|declare|typeset|export|unset|eval|time|assert|\w*(?:foreach|_for_|run_in_)\w*)$/;

/**
 * Finds the places where a text means a variable or function of this name. Text in comments and single quotes means neither.
 *
 * Only the places where the name is written are looked up in the tree, so the cost is that of the nodes on the way.
 *
 * @param name of a variable or a function
 */
export function findOccurrences(text: string, tree: Tree, name: string): Occurrence[] {
  const occurrences: Occurrence[] = [];
  const walk = walkPaths(tree);
  const reader = { text, walk, associative: rememberAssociative(text) };
  const pattern = new RegExp(`(?<!\\w)${name.replace(/\W/g, '\\$&')}(?!\\w)`, 'g');
  let places = 0;
  try {
    for (const { index } of text.matchAll(pattern)) {
      if (++places > MOST_PLACES) break;
      const found = readPlace(reader, { start: index, end: index + name.length });
      if (found !== undefined) occurrences.push(found);
    }
  } finally {
    walk.close();
  }
  return occurrences;
}

/** A text that is being searched. */
interface Reader {
  readonly text: string;
  readonly walk: PathWalk;
  /** The names of the associative arrays, whose indexes are words. */
  readonly associative: () => ReadonlySet<string>;
}

function rememberAssociative(text: string): () => ReadonlySet<string> {
  let names: Set<string> | undefined;
  return () => {
    names ??= new Set(
      [
        ...text.matchAll(
          /\b(?:declare|local|typeset)[ \t]+-[a-zA-Z]{0,9}A[a-zA-Z]{0,9}[ \t]+([^\n;&|(]{1,500})/g,
        ),
      ].flatMap(([, words = '']) => words.match(/\w+/g) ?? []),
    );
    return names;
  };
}

/** What a word means at its place; undefined if it is neither a variable nor a function there. */
function readPlace(reader: Reader, range: TextRange): Occurrence | undefined {
  const { text } = reader;
  const path = reader.walk.pathTo(range.start);
  if (path.some(({ type }) => LITERAL.has(type)) || isInQuotedDocument(text, path)) return undefined;
  const inFunction = surroundingFunction(text, path);
  const make = (
    kind: Occurrence['kind'],
    role: Occurrence['role'],
    more: { readonly defines?: boolean; readonly localFrom?: number | undefined } = {},
  ): Occurrence => ({
    start: range.start,
    end: range.end,
    kind,
    role,
    defines: more.defines ?? false,
    inFunction,
    localFrom: inFunction === undefined ? undefined : more.localFrom,
  });
  // The grammar does not read expansions in patterns and at the beginning of here-documents, so the text decides.
  if (isExpanded(text, range.start)) {
    // `${X:=value}` sets the variable too.
    const sets = text[range.start - 1] === '{' && /^:?=/.test(text.slice(range.end, range.end + 2));
    return sets ? make('variable', 'write', { defines: true }) : make('variable', 'read');
  }
  const last = path.at(-1);
  if (last === undefined || last.startIndex !== range.start || last.endIndex !== range.end) return undefined;
  if (last.type === 'variable_name') return readVariableName(text, path, make);
  return last.type === 'word' ? readWord(reader, path, make) : undefined;
}

type Make = (
  kind: Occurrence['kind'],
  role: Occurrence['role'],
  more?: { readonly defines?: boolean; readonly localFrom?: number | undefined },
) => Occurrence;

function readVariableName(text: string, path: readonly Step[], make: Make): Occurrence | undefined {
  const around = path.slice(0, -1);
  const parent = around.at(-1);
  // `array[1]=x` sets the array.
  const isArray = parent?.type === 'subscript' && parent.startIndex === path.at(-1)?.startIndex;
  const owner = isArray ? around.at(-2) : parent;
  if (owner?.type === 'variable_assignment' && owner.startIndex === path.at(-1)?.startIndex) {
    const localFrom = localCommand(text, around.at(isArray ? -3 : -2));
    return make('variable', 'write', { defines: true, localFrom });
  }
  if (owner?.type === 'declaration_command') {
    const localFrom = localCommand(text, owner);
    return make('variable', localFrom === undefined ? 'read' : 'write', {
      defines: localFrom !== undefined,
      localFrom,
    });
  }
  if (owner?.type === 'unset_command') {
    const isFunction = /^unset\s+-f\s/.test(text.slice(owner.startIndex, owner.startIndex + 100));
    return make(isFunction ? 'function' : 'variable', isFunction ? 'read' : 'write');
  }
  if (owner?.type === 'for_statement') return make('variable', 'write', { defines: true });
  return make('variable', owner?.type === 'postfix_expression' ? 'write' : 'read');
}

/** The end of a command that makes variables local to a function (bash(1), `local`, `declare`); undefined for another one. */
function localCommand(text: string, step: Step | undefined): number | undefined {
  if (step?.type !== 'declaration_command') return undefined;
  const head = /^(local|declare|typeset)((?:\s+-\w+)*)/.exec(
    text.slice(step.startIndex, step.startIndex + 100),
  );
  return head === null || (head[1] !== 'local' && /-\w*g/.test(head[2] ?? '')) ? undefined : step.endIndex;
}

function readWord({ text, associative }: Reader, path: readonly Step[], make: Make): Occurrence | undefined {
  const [word, parent, grand] = [path.at(-1), path.at(-2), path.at(-3)];
  if (word === undefined || parent === undefined) return undefined;
  if (parent.type === 'function_definition' && isNameOfFunction(text, parent, word))
    return make('function', 'write', { defines: true });
  if (parent.type === 'command_name') return make('function', 'read');
  if (parent.type === 'command') return readArgument(text, parent, word, make);
  if (parent.type === 'unary_expression')
    return text.slice(parent.startIndex, word.startIndex).trim() === '-v'
      ? make('variable', 'read')
      : arithmetic(text, path, make);
  if (parent.type.endsWith('_expression')) return arithmetic(text, path, make);
  // `${list[i]}`; the index of an associative array is a word and no variable.
  if (parent.type === 'subscript' && word.startIndex > parent.startIndex) {
    const array = /\w+/.exec(text.slice(parent.startIndex, word.startIndex))?.[0] ?? '';
    return associative().has(array) ? undefined : make('variable', 'read');
  }
  // `local -n reference=name`
  if (parent.type === 'variable_assignment' && grand?.type === 'declaration_command') {
    const isReference = /^\w+\s+-\w*n/.test(text.slice(grand.startIndex, grand.startIndex + 100));
    return isReference ? make('variable', 'read') : undefined;
  }
  return undefined;
}

function isNameOfFunction(text: string, definition: Step, word: Step): boolean {
  return /^(?:function\s+)?$/.test(text.slice(definition.startIndex, word.startIndex));
}

/** A word in `(( … ))`, `$(( … ))` or `for (( … ))` is a variable, and one in `[[ … ]]` is not. */
function arithmetic(text: string, path: readonly Step[], make: Make): Occurrence | undefined {
  const outside = path.slice(0, -1).findLast(({ type }) => !type.endsWith('_expression'));
  const isArithmetic =
    outside?.type === 'c_style_for_statement' ||
    outside?.type === 'arithmetic_expansion' ||
    (outside !== undefined && text.startsWith('((', outside.startIndex));
  if (!isArithmetic) return undefined;
  return make('variable', path.at(-2)?.type === 'postfix_expression' ? 'write' : 'read');
}

function readArgument(text: string, command: Step, word: Step, make: Make): Occurrence | undefined {
  if (word.startIndex - command.startIndex > LONGEST_COMMAND) return undefined;
  const [name = '', ...before] = text.slice(command.startIndex, word.startIndex).match(/\S+/g) ?? [];
  const previous = before.at(-1) ?? '';
  const takesWord = SETTERS[name];
  if (Object.hasOwn(SETTERS, name) && takesWord !== undefined)
    return takesWord.test(previous) ? undefined : make('variable', 'write', { defines: true });
  if (name === 'printf' && previous === '-v') return make('variable', 'write', { defines: true });
  if (name === 'getopts' && before.length === 1) return make('variable', 'write', { defines: true });
  if (WRAPPERS.test(name)) return make('function', 'read');
  return undefined;
}

/** Whether the name at `start` follows `$` or `${`, and a backslash does not take the meaning of the dollar sign. */
function isExpanded(text: string, start: number): boolean {
  let dollar = start - 1;
  if (text[dollar] === '#' || text[dollar] === '!') dollar--;
  if (text[dollar] === '{') dollar--;
  else if (dollar !== start - 1) return false;
  if (text[dollar] !== '$') return false;
  let backslashes = 0;
  while (backslashes < 100 && text[dollar - 1 - backslashes] === '\\') backslashes++;
  return backslashes % 2 === 0;
}

/** Whether a place is in a here-document whose word is quoted, so that bash expands nothing in it. */
function isInQuotedDocument(text: string, path: readonly Step[]): boolean {
  const body = path.findLastIndex(({ type }) => type === 'heredoc_body');
  const redirect = path[body - 1];
  return (
    redirect !== undefined &&
    /^<<-?[ \t]*["'\\]/.test(text.slice(redirect.startIndex, redirect.startIndex + 100))
  );
}

function surroundingFunction(text: string, path: readonly Step[]): SurroundingFunction | undefined {
  const step = path.findLast(({ type }) => type === 'function_definition');
  if (step === undefined) return undefined;
  const head = /^(?:function\s+)?([^\s(){}]+)/.exec(text.slice(step.startIndex, step.startIndex + 300));
  return { name: head?.[1] ?? '', start: step.startIndex };
}
