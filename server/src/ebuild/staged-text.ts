import { COMMENT_LINE, hasIndirectReads } from './build-text.ts';
import type { EbuildFacts } from './ebuild-facts.ts';
import { applyEdits } from './text-edit.ts';

/** An ebuild whose later functions have been put aside, so that a step before them does not depend on what they are. */
export interface StagedText {
  /** The functions in the form of `declare -f` (bash(1)), by name. */
  readonly functions: ReadonlyMap<string, string>;
  /** The ebuild, in which each of these functions does nothing, except those with these names. */
  textWith(names: readonly string[]): string;
}

/** The functions of PMS 9.1 that run after src_prepare, or that no build runs. */
const STAGED: ReadonlySet<string> = new Set([
  'src_configure',
  'src_compile',
  'src_test',
  'src_install',
  ...['preinst', 'postinst', 'prerm', 'postrm', 'config', 'info'].map((phase) => `pkg_${phase}`),
]);

/** Code that can read a function without calling it by its name. */
const READS_FUNCTIONS =
  /\b(?:declare|typeset|export|local|unset)[ \t]+-\w*[fF]|\btype[ \t]+-|\bcommand[ \t]+-[vV]/;

/** A function in braces, whose end no line within it can be taken for, and which bash reads alike without `shopt -s extglob`. */
const PLAIN_FUNCTION = /^(?:function[ \t]+)?\w+[ \t]*\(\)[ \t\n]*\{([\s\S]*)\}$/;
const UNSURE_BODY = /^\}|[?*+@!]\(/m;

/** Names of functions in code that declares them for others and calls none. */
const EXPORT = /\bEXPORT_FUNCTIONS\b(?:\\\n|[^\n])*/g;

/**
 * Puts the functions of later phases aside. Only those are taken that stand at the top level of the text, are defined once, and are named by no
 * other code.
 *
 * @param facts those of the text that is built
 * @param eclasses the texts of the inherited eclasses
 * @param readFacts reads a part of the text
 * @returns undefined if there is none of them
 */
export function stageText(
  facts: EbuildFacts,
  eclasses: readonly string[],
  readFacts: (text: string) => EbuildFacts,
): StagedText | undefined {
  const { text, functions } = facts;
  if (facts.errors.length > 0 || hasIndirectReads(text) || READS_FUNCTIONS.test(text)) return undefined;
  const code = applyEdits(
    text,
    facts.comments.map(({ start, end }) => ({ start, end, newText: '' })),
  );
  const elsewhere = eclasses.map((eclass) => eclass.replace(COMMENT_LINE, '').replace(EXPORT, '')).join('\n');
  const staged = functions.flatMap(({ name, start, end }) => {
    if (!STAGED.has(name) || countNames(code, name) !== 1 || countNames(elsewhere, name) !== 0) return [];
    const body = PLAIN_FUNCTION.exec(text.slice(start, end))?.[1];
    if (body === undefined || UNSURE_BODY.test(body)) return [];
    // In an `if` it would be defined on a condition: what stands before it would not be whole.
    if (readFacts(text.slice(0, start)).errors.length > 0) return [];
    return [{ name, start, end, body: body.trim() }];
  });
  if (staged.length === 0) return undefined;
  return {
    textWith: (names) =>
      applyEdits(
        text,
        staged
          .filter(({ name }) => !names.includes(name))
          .map(({ name, start, end }) => ({ start, end, newText: `${name}() { :; }` })),
      ),
    functions: new Map(
      staged.map(({ name, body }) => [name, `${name} () \n{ \n${body === '' ? ':' : body}\n}\n`]),
    ),
  };
}

const countNames = (text: string, name: string): number =>
  text.match(new RegExp(`\\b${name}\\b`, 'g'))?.length ?? 0;
