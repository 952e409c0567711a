import type { TextRange } from '../pms/text-range.ts';

/** Makes a part of a regular expression that finds exactly this text. */
const literal = (text: string): string => text.replace(/\W/g, '\\$&');

/**
 * Whether an eclass defines, documents or uses a name that an ebuild may set. It is read line by line and not as bash, because eclasses are
 * long. A variable that the eclass makes for itself, in `local` or a loop, is another one.
 */
export function isUsedByEclass(text: string, kind: 'variable' | 'function', name: string): boolean {
  if (!text.includes(name)) return false;
  if (findDocumented(text, kind, name) !== undefined) return true;
  if (kind === 'function') {
    if (findFunction(text, name) !== undefined) return true;
    // Eclasses call functions of ebuilds by such names: `python_check_deps`, `multilib_src_configure`.
    return (
      name.includes('_') && new RegExp(`^(?![ \\t]*#).*(?<![\\w-])${literal(name)}(?![\\w-])`, 'm').test(text)
    );
  }
  const isRead = new RegExp(`\\$\\{?[#!]?${name}(?!\\w)|^[ \\t]*(?:export[ \\t]+)?${name}\\+?=`, 'm').test(
    text,
  );
  const own = new RegExp(
    `^[ \\t]*(?:(?:local|declare|read)[ \\t]+(?:[-\\w]+(?:=[^\\s$()]*)?[ \\t]+)*|for[ \\t]+)${name}(?!\\w)`,
    'm',
  );
  return isRead && !own.test(text);
}

/** The name in the line with which an eclass documents a variable or function (devmanual, "Documenting eclasses"). */
export function findDocumented(
  text: string,
  kind: 'variable' | 'function',
  name: string,
): TextRange | undefined {
  const tags = kind === 'function' ? 'FUNCTION' : '(?:ECLASS[-_])?VARIABLE';
  return rangeOf(text, new RegExp(`^(#[ \\t]*@${tags}:[ \\t]*)${literal(name)}[ \\t\\r]*$`, 'm'), name);
}

/** The name where an eclass defines a function. */
export function findFunction(text: string, name: string): TextRange | undefined {
  const pattern = `^([ \\t]*(?:function[ \\t]+)?)${literal(name)}[ \\t]*(?:\\([ \\t]*\\)|\\{)`;
  return rangeOf(text, new RegExp(pattern, 'm'), name);
}

/** The name where an eclass first sets a variable, also with `: ${NAME:=value}`. */
export function findAssignment(text: string, name: string): TextRange | undefined {
  return (
    rangeOf(text, new RegExp(`^([ \\t]*(?:(?:export|declare|readonly)[ \\t]+)?)${name}\\+?=`, 'm'), name) ??
    rangeOf(text, new RegExp(`^([ \\t]*:[ \\t]+"?\\$\\{)${name}:?=`, 'm'), name)
  );
}

/** The range of the name in a match, after the text of the first group. */
function rangeOf(text: string, pattern: RegExp, name: string): TextRange | undefined {
  const match = pattern.exec(text);
  if (match === null) return undefined;
  const start = match.index + (match[1] ?? '').length;
  return { start, end: start + name.length };
}
