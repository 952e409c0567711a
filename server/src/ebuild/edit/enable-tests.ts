import type { EbuildFacts } from '../ebuild-facts.ts';
import type { TextEdit } from '../text-edit.ts';

const ENABLES = 'distutils_enable_tests';

/**
 * Calls the function of distutils-r1.eclass that declares a test runner, with the flag `test` in IUSE and RESTRICT.
 *
 * @param runner such as `pytest`
 * @returns no edit if the ebuild does not inherit the eclass or calls the function already, or if a variable that it appends to is set below
 *   the first function
 */
export function enableDistutilsTests(facts: EbuildFacts, runner: string): TextEdit[] {
  const { text, inherits, commands, functions, assignments } = facts;
  if (!inherits.some(({ name }) => name === 'distutils-r1')) return [];
  if (commands.some(({ name }) => name === ENABLES)) return [];
  const start = functions[0]?.start;
  const isSetBelow = assignments.some(
    ({ name, context, start: at }) =>
      context !== 'function' && /^(IUSE|RESTRICT|BDEPEND)$/.test(name) && start !== undefined && at > start,
  );
  if (isSetBelow) return [];
  const newline = text.includes('\r\n') ? '\r\n' : '\n';
  const call = `${ENABLES} ${runner}${newline}`;
  if (start === undefined) {
    const gap = text.endsWith('\n') ? newline : newline + newline;
    return [{ start: text.length, end: text.length, newText: `${gap}${call}` }];
  }
  // Comments above the function stay with it.
  let above = start;
  for (;;) {
    const before = text.lastIndexOf('\n', above - 2) + 1;
    if (above === 0 || !/^[ \t]*#/.test(text.slice(before, above))) break;
    above = before;
  }
  return [{ start: above, end: above, newText: `${call}${newline}` }];
}
