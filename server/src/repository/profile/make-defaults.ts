/** The settings of a `make.defaults` (PMS 5.2.4) or `make.conf` (make.conf(5)). */
export interface Settings {
  readonly values: ReadonlyMap<string, string>;
  /** False if the text has anything but plain assignments with `${NAME}` in them: only bash knows what it sets. */
  readonly complete: boolean;
}

/** The maximum length of a value; a few lines can otherwise expand to billions of letters. */
const LONGEST = 100_000;
const NAME = /(?:export[ \t]+)?([A-Za-z_]\w*)=/y;
const REFERENCE = /\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))/y;
const BLANK = /(?:\s|\\\n|#[^\n]*)*/y;

/**
 * Reads assignments as Portage and pkgcore do: in order, with values bare or in quotes, and `${NAME}` replaced by its
 * earlier value. Total: anything else is skipped to the end of its line.
 *
 * @param before the settings of the profiles above; not in the result unless they are set again
 */
export function parseSettings(text: string, before: ReadonlyMap<string, string> = new Map()): Settings {
  const values = new Map<string, string>();
  let complete = true;
  let position = 0;
  const matchHere = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = position;
    return pattern.exec(text);
  };
  /** Expands a reference after `$`. */
  const expand = (): string => {
    const reference = matchHere(REFERENCE);
    if (reference === null) {
      complete = false;
      position++;
      return '$';
    }
    position += reference[0].length;
    const name = reference[1] ?? reference[2] ?? '';
    return values.get(name) ?? before.get(name) ?? '';
  };
  const readValue = (): string => {
    const pieces: string[] = [];
    let length = 0;
    let quote = '';
    while (position < text.length) {
      const character = text[position] ?? '';
      let piece = character;
      if (quote === '' && /\s/.test(character)) break;
      if (character === quote || (quote === '' && (character === '"' || character === "'"))) {
        quote = quote === '' ? character : '';
        piece = '';
        position++;
      } else if (character === '\\' && quote !== "'") {
        const next = text[position + 1] ?? '';
        piece = next === '\n' ? '' : quote === '' || '$`"\\'.includes(next) ? next : `\\${next}`;
        position += 2;
      } else if (character === '$' && quote !== "'") {
        piece = expand();
      } else {
        if (character === '`' && quote !== "'") complete = false;
        if (quote === '' && (character === ';' || character === '(')) complete = false;
        position++;
      }
      if (length + piece.length > LONGEST) complete = false;
      else pieces.push(piece);
      length += piece.length;
    }
    if (quote !== '') complete = false;
    return pieces.join('');
  };
  for (;;) {
    position += matchHere(BLANK)?.[0].length ?? 0;
    if (position >= text.length) return { values, complete };
    const name = matchHere(NAME);
    if (name === null) {
      complete = false;
      const end = text.indexOf('\n', position);
      position = end < 0 ? text.length : end;
    } else {
      position += name[0].length;
      values.set(name[1] ?? '', readValue());
    }
  }
}
