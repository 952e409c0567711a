/** Just enough of bash's quoting to step over what it would expand. */

/**
 * Finds the end of the expansion that begins at `start`: `$name`, `${…}`, `$(…)`, `$((…))` or a pair of backticks.
 *
 * @param limit where the text is taken to end
 * @returns the offset after it, `start` when no expansion begins there, or undefined when it is not closed
 */
export function endOfExpansion(text: string, start: number, limit = text.length): number | undefined {
  const opening = text[start];
  if (opening !== '$' && opening !== '`') return start;
  const next = text[start + 1];
  if (opening === '$' && next !== '{' && next !== '(') {
    const name = /^(?:[A-Za-z_]\w*|[0-9@*#?$!-])/.exec(text.slice(start + 1, Math.min(limit, start + 200)));
    return name === null ? start : start + 1 + name[0].length;
  }
  // What must come to close each construct that is open, innermost last. A list instead of recursion: the input may be hostile.
  const closers: string[] = [opening === '`' ? '`' : next === '{' ? '}' : ')'];
  let inBackticks = opening === '`';
  let position = start + (opening === '`' ? 1 : 2);
  while (position < limit) {
    const character = text[position];
    const closer = closers[closers.length - 1];
    if (character === closer) {
      closers.pop();
      position++;
      if (closer === '`') inBackticks = false;
      if (closers.length === 0) return position;
      continue;
    }
    if (closer === "'") {
      position++;
    } else if (character === '\\') {
      position += 2;
    } else if (character === '$' && (text[position + 1] === '{' || text[position + 1] === '(')) {
      closers.push(text[position + 1] === '{' ? '}' : ')');
      position += 2;
    } else if (character === '`' && !inBackticks) {
      closers.push('`');
      inBackticks = true;
      position++;
    } else if (character === '"' || (character === "'" && closer === ')')) {
      // Between the braces of ${…:-it's} a single quote is a letter like any other when the whole is in double quotes.
      closers.push(character);
      position++;
    } else {
      if (character === '(' && closer === ')') closers.push(')');
      position++;
    }
  }
  return undefined;
}
