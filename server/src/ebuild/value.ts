import { endOfExpansion } from '../pms/shell-text.ts';
import type { TextRange } from '../pms/text-range.ts';

/** The quoting of a value: `"…"`, `'…'`, none, several kinds side by side, or `( … )`. */
export type QuoteStyle = 'double' | 'single' | 'none' | 'mixed' | 'array';

/** A piece of a value. `variable` is a plain `$NAME` or `${NAME}`; every other expansion is `opaque`. */
export type ValuePart = TextRange &
  (
    | { readonly kind: 'text'; readonly text: string }
    | { readonly kind: 'variable'; readonly name: string }
    | { readonly kind: 'opaque' }
  );

export interface SplitValue {
  readonly valueRange: TextRange;
  readonly quote: QuoteStyle;
  readonly closed: boolean;
  readonly parts: readonly ValuePart[];
  readonly value: string | undefined;
}

/** After so many unclosed expansions, no other end is searched, because each search may read the whole rest of the text. */
const MOST_UNCLOSED = 20;

/**
 * Makes a function that steps over expansions up to `limit`, like `endOfExpansion`, but in linear time even if many are
 * unclosed.
 *
 * @returns the function gives undefined if the expansion at `start` is not closed, or too many before it were not
 */
export function expansionStepper(text: string, limit: number): (start: number) => number | undefined {
  let unclosed = 0;
  return (start) => {
    if (unclosed >= MOST_UNCLOSED && /[`({]/.test(text[start] === '`' ? '`' : (text[start + 1] ?? '')))
      return undefined;
    const end = endOfExpansion(text, start, limit);
    if (end === undefined) unclosed++;
    return end;
  };
}

/** Splits the value of an assignment, `text` from `start` to `end`, into parts (bash(1), QUOTING and EXPANSION). */
export function splitValue(text: string, start: number, end: number): SplitValue {
  const first = text[start];
  const range = { start, end };
  if (first === '(' && end > start)
    return { valueRange: range, quote: 'array', closed: true, parts: [], value: undefined };
  if ((first === '"' || first === "'") && end > start) {
    const close =
      first === '"' ? endOfDoubleQuotes(text, start + 1, end) : endOf(text.indexOf("'", start + 1), end);
    if (close === undefined || close === end - 1) {
      const inner = { start: start + 1, end: close ?? end };
      const parts =
        first === '"' ? splitExpansions(text, inner.start, inner.end, true) : literal(text, inner);
      const quote = first === '"' ? 'double' : 'single';
      return { valueRange: inner, quote, closed: close !== undefined, parts, value: staticValue(parts) };
    }
  }
  const parts = splitPieces(text, start, end);
  const quote = /["'\\]/.test(text.slice(start, end)) ? 'mixed' : 'none';
  return { valueRange: range, quote, closed: true, parts, value: staticValue(parts) };
}

/** The offset of the quote that closes a double-quoted string with content from `start`; undefined if it is not closed. */
export function endOfDoubleQuotes(text: string, start: number, end: number): number | undefined {
  const stepOver = expansionStepper(text, end);
  let position = start;
  while (position < end) {
    const character = text[position];
    if (character === '"') return position;
    if (character === '\\') position += 2;
    else if (character === '$' || character === '`')
      position = Math.max(stepOver(position) ?? 0, position + 1);
    else position++;
  }
  return undefined;
}

function endOf(position: number, limit: number): number | undefined {
  return position < 0 || position >= limit ? undefined : position;
}

function staticValue(parts: readonly ValuePart[]): string | undefined {
  let value = '';
  for (const part of parts) {
    if (part.kind !== 'text') return undefined;
    value += part.text;
  }
  return value;
}

function literal(text: string, range: TextRange): ValuePart[] {
  return range.end > range.start
    ? [{ kind: 'text', text: text.slice(range.start, range.end), ...range }]
    : [];
}

/** Splits a value with quoted and unquoted pieces, such as `"${WORKDIR}"/foo`. */
function splitPieces(text: string, start: number, end: number): ValuePart[] {
  const parts: ValuePart[] = [];
  const stepOver = expansionStepper(text, end);
  let position = start;
  while (position < end) {
    const character = text[position];
    if (character === '"') {
      const close = endOfDoubleQuotes(text, position + 1, end) ?? end;
      parts.push(...splitExpansions(text, position + 1, close, true));
      position = close + 1;
    } else if (character === "'") {
      const close = endOf(text.indexOf("'", position + 1), end) ?? end;
      parts.push(...literal(text, { start: position + 1, end: close }));
      position = close + 1;
    } else {
      let next = position;
      while (next < end && text[next] !== '"' && text[next] !== "'") {
        const skip = text[next] === '$' || text[next] === '`' ? stepOver(next) : undefined;
        next = text[next] === '\\' ? next + 2 : Math.max(skip ?? 0, next + 1);
      }
      next = Math.min(next, end);
      parts.push(...splitExpansions(text, position, next, false));
      position = next;
    }
  }
  return parts;
}

function splitExpansions(text: string, start: number, end: number, quoted: boolean): ValuePart[] {
  const parts: ValuePart[] = [];
  let written = '';
  let from = start;
  let position = start;
  const flush = (): void => {
    if (position > from) parts.push({ kind: 'text', text: written, start: from, end: position });
    written = '';
  };
  while (position < end) {
    const plain = position;
    while (position < end && !isSpecial(text.charCodeAt(position))) position++;
    written += text.slice(plain, position);
    if (position >= end) break;
    if (text[position] === '\\' && position + 1 < end) {
      const next = text[position + 1] ?? '';
      // In double quotes, only a backslash before these four or a line break is removed.
      if (next === '\n') written += '';
      else written += !quoted || '$`"\\'.includes(next) ? next : `\\${next}`;
      position += 2;
      continue;
    }
    const stop = text[position] === '\\' ? position : endOfExpansion(text, position, end);
    if (stop !== undefined && stop <= position) {
      written += text[position];
      position++;
      continue;
    }
    flush();
    const close = Math.min(stop ?? end, end);
    const name = /^\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))$/.exec(
      text.slice(position, Math.min(close, position + 200)),
    );
    const variable = name?.[1] ?? name?.[2];
    parts.push(
      variable === undefined
        ? { kind: 'opaque', start: position, end: close }
        : { kind: 'variable', name: variable, start: position, end: close },
    );
    position = close;
    from = close;
  }
  position = end;
  flush();
  return parts;
}

/** Whether a character begins an expansion or is a backslash. */
function isSpecial(code: number): boolean {
  return code === 0x24 || code === 0x5c || code === 0x60;
}
