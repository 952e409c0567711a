/**
 * Cuts a text that is too long, and says so at its end.
 *
 * @param most the length that is allowed, in UTF-16 units; the note counts
 */
export function cutText(text: string, most: number): string {
  if (text.length <= most) return text;
  const note = ' … (cut)';
  const kept = text.slice(0, Math.max(0, most - note.length));
  // Half of a pair of surrogates would be another character.
  return `${/[\ud800-\udbff]$/.test(kept) ? kept.slice(0, -1) : kept}${note}`;
}
