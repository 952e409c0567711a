import type { Command } from '../ebuild/ebuild-facts.ts';
import type { TextRange } from '../pms/text-range.ts';

/** The variables whose values have atoms: those of PMS 8 and the helper variables of ebuilds and eclasses. */
export const DEPENDENCY_VALUE = /DEP(?:END|S)?$|DEPEND|_DEPS/;
/** The variables whose values are flags. */
export const FLAG_VALUE = /^(?:IUSE|REQUIRED_USE)$/;

/** The commands of PMS 12.3.12, and functions of Gentoo's eclasses, whose first argument is a flag of the ebuild. */
const TAKES_FLAG =
  /^(?:use|usev|useq|usex|use_with|use_enable|in_iuse|cmake_use_find_package|meson_(?:use|feature|native_use_(?:bool|feature))|multilib_native_use\w*|qt_feature)$/;

/** The commands that take an atom. */
export const TAKES_ATOM = /^(?:has_version|best_version|optfeature|python_has_version)$/;

/** The flag that is the first argument of a command that takes one; undefined if it is none, or bash has to expand it. */
export function flagArgument(
  text: string,
  { name, start, end }: Pick<Command, 'name' | 'start' | 'end'>,
): TextRange | undefined {
  if (!TAKES_FLAG.test(name)) return undefined;
  const from = start + name.length;
  const [, before = '', flag] =
    /^([ \t]+["']?!?["']?)([A-Za-z0-9][\w+@-]*)(?=[\s"';)]|$)/.exec(
      text.slice(from, Math.min(end, from + 300)),
    ) ?? [];
  if (flag === undefined) return undefined;
  return { start: from + before.length, end: from + before.length + flag.length };
}

/** Whether a place lies in the first argument of a command that takes a flag. */
export function takesFlag(text: string, { name, start }: Command, offset: number): boolean {
  return TAKES_FLAG.test(name) && /^\s+[!"']*[\w+@-]*$/.test(text.slice(start + name.length, offset));
}
