/** A paragraph or a piece of code. */
export interface DocumentationBlock {
  readonly kind: 'text' | 'code';
  readonly text: string;
}

/** A function or a variable that an eclass documents. */
export interface DocumentedName {
  readonly name: string;
  readonly kind: 'function' | 'variable';
  /** The number of the line of its documentation, from 0. */
  readonly line: number;
  readonly description: readonly DocumentationBlock[];
  /** The arguments of a function, e.g. `<flag> [option]`. */
  readonly usage?: string;
  /** What a function prints or returns. */
  readonly returns?: string;
  /** The value of a variable that the ebuild does not set, as the eclass writes it. */
  readonly initial?: string;
  /** What to use instead of a deprecated name; `none` if there is nothing. */
  readonly replacement?: string;
  /** Whether only eclasses may use it. */
  readonly isInternal: boolean;
  /** Whether the ebuild must set the variable. */
  readonly isRequired: boolean;
  /** Whether the ebuild must set the variable before `inherit`. */
  readonly isSetBefore: boolean;
  /** Whether the variable is for users and not for ebuilds. */
  readonly isForUsers: boolean;
  /** Whether the eclass sets the variable for the ebuild. */
  readonly isOutput: boolean;
}

/** What an eclass says about itself. */
export interface EclassDocumentation {
  /** One line; empty if the eclass says nothing. */
  readonly summary: string;
  readonly description: readonly DocumentationBlock[];
  /** Empty if the eclass does not say it. */
  readonly eapis: readonly string[];
  /** What to use instead of a deprecated eclass; `none` if there is nothing. */
  readonly replacement?: string;
  /** The eclasses that it inherits itself, as far as its text says. */
  readonly inherits: readonly string[];
  readonly names: ReadonlyMap<string, DocumentedName>;
}

/** A comment between tags, and the tag before it. */
interface Tagged {
  readonly tag: string;
  /** What follows the tag on its line. */
  readonly value: string;
  readonly lines: string[];
}

/** A comment of an eclass that documents something: its tags, and the line after it. */
interface Comment {
  readonly parts: readonly Tagged[];
  /** The number of the line of the first tag, from 0. */
  readonly line: number;
  readonly after: string;
}

/** The tags that begin the documentation of something. */
const SUBJECTS = new Set(['ECLASS', 'FUNCTION', 'VARIABLE', 'ECLASS_VARIABLE']);
const TAG = /^# ?@([A-Z_]+):?(?:[ \t]+(.*))?$/;
/** Longer texts are cut: nobody reads more in a pop-up. */
const LONGEST_TEXT = 4000;

/**
 * Reads the documentation in the comments of an eclass, in the form of Gentoo's eclass-to-manpage: `@ECLASS`, `@FUNCTION`, `@VARIABLE` and
 * `@ECLASS_VARIABLE`, each with further tags. Total and linear.
 *
 * @param inherits the eclasses that it inherits, for {@link EclassDocumentation.inherits}
 */
export function readEclassDocumentation(text: string, inherits: readonly string[]): EclassDocumentation {
  const names = new Map<string, DocumentedName>();
  let whole: Comment | undefined;
  for (const comment of commentsOf(text.split('\n'))) {
    const [first] = comment.parts;
    if (first === undefined) continue;
    const name = first.value.trim();
    if (first.tag === 'ECLASS') whole ??= comment;
    else if (!names.has(name)) names.set(name, describeName(name, first.tag === 'FUNCTION', comment));
  }
  const parts = whole?.parts ?? [];
  return {
    summary: readTag(parts, 'BLURB') ?? '',
    description: blocksOf(parts, ['DESCRIPTION', 'EXAMPLE']),
    eapis: (readTag(parts, 'SUPPORTED_EAPIS') ?? '').match(/\S+/g) ?? [],
    ...optional('replacement', readTag(parts, 'DEPRECATED')),
    inherits,
    names,
  };
}

function describeName(name: string, isFunction: boolean, { parts, line, after }: Comment): DocumentedName {
  const has = (tag: string) => parts.some((part) => part.tag === tag);
  return {
    name,
    kind: isFunction ? 'function' : 'variable',
    line,
    description: blocksOf(parts, ['DESCRIPTION', 'EXAMPLE']),
    isInternal: has('INTERNAL'),
    isRequired: has('REQUIRED'),
    isSetBefore: has('PRE_INHERIT'),
    isForUsers: has('USER_VARIABLE'),
    isOutput: has('OUTPUT_VARIABLE'),
    ...optional('usage', readTag(parts, 'USAGE')),
    ...optional('returns', readTag(parts, 'RETURN')),
    ...optional('replacement', readTag(parts, 'DEPRECATED')),
    ...optional('initial', isFunction || has('DEFAULT_UNSET') ? undefined : defaultIn(after, name)),
  };
}

/** Every comment that begins with a tag of {@link SUBJECTS}; a comment with several is split. */
function* commentsOf(lines: readonly string[]): Generator<Comment> {
  let parts: Tagged[] = [];
  let start = 0;
  for (const [number, line] of lines.entries()) {
    if (!line.startsWith('#')) {
      if (parts.length > 0) yield { parts, line: start, after: line };
      parts = [];
      continue;
    }
    const [, tag, value = ''] = TAG.exec(line) ?? [];
    if (tag === undefined || tag === 'CODE') {
      parts.at(-1)?.lines.push(line.replace(/^# ?/, '').trimEnd());
      continue;
    }
    if (SUBJECTS.has(tag)) {
      if (parts.length > 0) yield { parts, line: start, after: '' };
      parts = [];
      start = number;
    } else if (parts.length === 0) continue;
    parts.push({ tag, value: value.trim(), lines: [] });
  }
  if (parts.length > 0) yield { parts, line: start, after: '' };
}

/** The value of a tag, from its line or the lines after it; undefined if there is none. */
function readTag(parts: readonly Tagged[], tag: string): string | undefined {
  const found = parts.find((part) => part.tag === tag);
  if (found === undefined) return undefined;
  return [found.value, ...found.lines].join(' ').replace(/\s+/g, ' ').trim();
}

/** The paragraphs and the code after some tags. A line `@CODE` begins code and ends it. */
function blocksOf(parts: readonly Tagged[], tags: readonly string[]): readonly DocumentationBlock[] {
  const blocks: DocumentationBlock[] = [];
  let left = LONGEST_TEXT;
  for (const { tag, value, lines } of parts) {
    if (!tags.includes(tag)) continue;
    let kind: DocumentationBlock['kind'] = 'text';
    let gathered: string[] = [];
    const flush = () => {
      const text = gathered
        .join('\n')
        .replace(/^\n+|\s+$/g, '')
        .slice(0, left);
      if (text.trim() !== '') blocks.push({ kind, text });
      left -= text.length;
      gathered = [];
    };
    for (const line of [value, ...lines]) {
      const isFence = /^@CODE\b/.test(line);
      if (isFence || (kind === 'text' && line.trim() === '')) flush();
      if (isFence) kind = kind === 'text' ? 'code' : 'text';
      else gathered.push(line);
    }
    flush();
  }
  return blocks;
}

/** The value that the line after the documentation gives a variable: `: "${NAME:=value}"` or `NAME=value`. */
function defaultIn(line: string, name: string): string | undefined {
  const assigned = line.startsWith(`${name}=`) ? line.slice(name.length + 1) : undefined;
  const found = assigned ?? /^:[ \t]+"?\$\{(\w+):?=(.*)\}"?[ \t]*$/.exec(line)?.slice(1);
  if (found === undefined || typeof found === 'string') return isClosed(found) ? found : undefined;
  return found[0] === name ? found[1] : undefined;
}

/** Whether a value ends on its line. */
function isClosed(value: string | undefined): boolean {
  if (value === undefined || value === '') return false;
  return !/["'(]/.test(value) || /^"[^"]*"$|^'[^']*'$|^\([^()]*\)$/.test(value.trimEnd());
}

function optional<Key extends string>(key: Key, value: string | undefined): { readonly [K in Key]?: string } {
  return value === undefined ? {} : ({ [key]: value } as { readonly [K in Key]?: string });
}
