import type { FileWord } from './file-word.ts';
import { lineAt, wordsOf } from './text-lines.ts';

/** The kinds of lines of a Manifest beside DIST (GLEP 44, 74), and the folder of their files. */
const FOLDERS: Readonly<Record<string, string>> = { AUX: 'files/', EBUILD: '', MISC: '', DATA: '' };

/** What a line of a Manifest names. The whole line means its file. */
export function manifestWordAt(text: string, offset: number): FileWord | undefined {
  const line = lineAt(text, offset);
  const [kind, name, size] = wordsOf(line);
  if (kind === undefined || name === undefined || offset < kind.start) return undefined;
  const { start, end } = name;
  if (kind.text === 'DIST') {
    const bytes = /^\d{1,20}$/.test(size?.text ?? '') ? BigInt(size?.text ?? 0) : undefined;
    return { kind: 'distfile', name: name.text, size: bytes, start, end };
  }
  const folder = Object.hasOwn(FOLDERS, kind.text) ? FOLDERS[kind.text] : undefined;
  // The text may come from anybody, and must not lead out of the folder.
  if (folder === undefined || name.text.split('/').includes('..')) return undefined;
  return { kind: 'file', path: `${folder}${name.text}`, start, end };
}
