/** The part of bash's quoting that is needed to find the end of an expansion. */

/**
 * Finds the end of the expansion that begins at `start`: `$name`, `${…}`, `$(…)`, `$((…))` or a pair of backticks.
 *
 * @param limit the end of the text that is searched
 * @returns the offset after the expansion; `start` if no expansion begins there; undefined if it is not closed
 */
export function endOfExpansion(text: string, start: number, limit = text.length): number | undefined {
  const opening = text[start];
  if (opening !== '$' && opening !== '`') return start;
  const next = text[start + 1];
  if (opening === '$' && next !== '{' && next !== '(') {
    const name = /^(?:[A-Za-z_]\w*|[0-9@*#?$!-])/.exec(text.slice(start + 1, Math.min(limit, start + 200)));
    return name === null ? start : start + 1 + name[0].length;
  }
  // The closing character of each open construct, innermost last. A list, because hostile input could exhaust the stack.
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
      // Inside `"${…:-it's}"` a single quote is an ordinary character.
      closers.push(character);
      position++;
    } else {
      if (character === '(' && closer === ')') closers.push(')');
      position++;
    }
  }
  return undefined;
}
