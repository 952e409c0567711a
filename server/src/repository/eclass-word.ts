/** The end of the word that begins at `start`, including quotes and the lines in them. */
export function endOfWord(text: string, start: number): number {
  let quote = '';
  for (let position = start; position < text.length; position++) {
    const character = text[position] ?? '';
    if (character === '\\') position++;
    else if (quote !== '') quote = character === quote ? '' : quote;
    else if (character === '"' || character === "'") quote = character;
    else if (/[\s;&|)]/.test(character)) return position;
  }
  return text.length;
}
