/** The start of a function in an eclass, which Gentoo writes at the start of a line: `name() {`. */
const FUNCTION = /^([A-Za-z_][\w.+-]*)\s*\(\)\s*\{/;

/**
 * Finds the function of an eclass whose text runs a program by its name. Bash is not run, so that the answer is what the text says: a word in a
 * comment does not count, one in a string does.
 *
 * @param text of the eclass
 * @param program name without folder
 * @returns the name of the first such function; undefined if no function names the program
 */
export function findFunctionRunning(text: string, program: string): string | undefined {
  const word = new RegExp(`(?<![\\w./$-])${program.replace(/[^\w]/g, '\\$&')}(?![\\w.-])`);
  let inside: string | undefined;
  for (const line of text.split('\n')) {
    const begins = FUNCTION.exec(line)?.[1];
    if (begins !== undefined) inside = begins;
    else if (line.startsWith('}')) inside = undefined;
    else if (inside !== undefined && word.test(line.replace(/(?:^|\s)#.*$/, ''))) return inside;
  }
  return undefined;
}
