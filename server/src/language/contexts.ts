import type { Command } from '../ebuild/ebuild-facts.ts';

/** The variables whose values have atoms: those of PMS 8 and the helper variables of ebuilds and eclasses. */
export const DEPENDENCY_VALUE = /DEP(?:END|S)?$|DEPEND|_DEPS/;
/** The variables whose values are flags. */
export const FLAG_VALUE = /^(?:IUSE|REQUIRED_USE)$/;

/** The commands of PMS 12.3.12, and functions of Gentoo's eclasses, whose first argument is a flag of the ebuild. */
const TAKES_FLAG =
  /^(?:use|usev|useq|usex|use_with|use_enable|in_iuse|cmake_use_find_package|meson_(?:use|feature|native_use_(?:bool|feature))|multilib_native_use\w*|qt_feature)$/;

/** Whether a place lies in the first argument of a command that takes a flag. */
export function takesFlag(text: string, { name, start }: Command, offset: number): boolean {
  return TAKES_FLAG.test(name) && /^\s+[!"']*[\w+@-]*$/.test(text.slice(start + name.length, offset));
}
