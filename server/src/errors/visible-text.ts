/**
 * Characters that a reader does not see, or that change the order or the place of what the reader sees: controls, formats such as the
 * bidirectional ones, separators of lines and paragraphs, lone surrogates, private and unassigned ones (Unicode's general category), fillers
 * and selectors that have no shape of their own (Default_Ignorable_Code_Point), the empty Braille pattern, and blanks other than the space.
 */
const UNSEEN = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]|(?! )\p{Zs}/gu;
/** Nearly all texts, faster than {@link UNSEEN}. */
const PLAIN = /^[ -~\n\t]*$/;

/** A byte that is not UTF-8, as `decodePath` keeps it. */
const FIRST_BYTE = 0xdc80;
const LAST_BYTE = 0xdcff;

/**
 * A text of lines in which every character can be seen: `\u{202e}` stands for one that cannot, and `\xff` for a byte that is not UTF-8. Line
 * breaks and tabs stay. Seen text stays as it is, so it does not matter how often this is done.
 */
export function showText(text: string): string {
  if (PLAIN.test(text)) return text;
  return text.replace(UNSEEN, (character) =>
    character === '\n' || character === '\t' ? character : showCharacter(character),
  );
}

/** Like {@link showText}, as one line: line breaks and tabs become spaces. */
export function showLine(text: string): string {
  return showText(text).replaceAll(/[\n\t]/g, ' ');
}

/** Like {@link showText}, for a name or a path, in which a line break is a character like any other. */
export function showName(name: string): string {
  return showText(name).replaceAll(/[\n\t]/g, showCharacter);
}

/** Whether a text has no character that cannot be seen, apart from line breaks and tabs. */
export function isSeen(text: string): boolean {
  return showText(text) === text;
}

/** Writes the characters that cannot be seen as `JSON.parse` reads them. */
export function escapeJson(json: string): string {
  return PLAIN.test(json)
    ? json
    : json.replace(UNSEEN, (character) =>
        character === '\n' || character === '\t'
          ? character
          : Array.from(
              { length: character.length },
              (_, at) => `\\u${hex(character.charCodeAt(at), 4)}`,
            ).join(''),
      );
}

function showCharacter(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return code >= FIRST_BYTE && code <= LAST_BYTE
    ? `\\x${hex(code - (FIRST_BYTE - 0x80), 2)}`
    : `\\u{${code.toString(16)}}`;
}

const hex = (code: number, digits: number): string => code.toString(16).padStart(digits, '0');
