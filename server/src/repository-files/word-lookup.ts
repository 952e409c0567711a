import { atomIn } from '../language/place.ts';
import { cacheWordAt } from './cache-word.ts';
import type { FileWord } from './file-word.ts';
import { listWordAt } from './list-word.ts';
import { manifestWordAt } from './manifest-word.ts';
import { readMetadataText } from './metadata-text.ts';
import type { RepositoryFile } from './repository-file.ts';

/** Says what a place of a file names. Total. @returns undefined in comments, in plain text and between words */
export function fileWordAt(file: RepositoryFile, text: string, offset: number): FileWord | undefined {
  switch (file.kind) {
    case 'manifest':
      return manifestWordAt(text, offset);
    case 'cache':
      return cacheWordAt(file, text, offset);
    case 'list':
      return listWordAt(file, text, offset);
    case 'metadata': {
      const part = readMetadataText(text).find(({ start, end }) => start <= offset && offset <= end);
      if (part?.kind === 'atom') return atomIn(text, part, offset);
      if (part?.kind !== 'flag') return undefined;
      return { kind: 'flag', name: part.text, of: file.owner, start: part.start, end: part.end };
    }
  }
}
