import { showText } from '../errors/visible-text.ts';

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Writes a text for XML and HTML. Characters that XML forbids cannot be seen, so they are written as text. */
export function escapeXml(text: string): string {
  return showText(text).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}
