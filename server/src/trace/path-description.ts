import { classifyPath, isAmbient, type PathClass } from './path-class.ts';
import type { FileInView, PathDescription } from './trace-context.ts';

/** The part of a path's description that follows from the files that the path leads to. */
export type FilesDescription = Pick<PathDescription, 'files' | 'named' | 'kind' | 'meant' | 'ambient'>;

const NOTHING: FilesDescription = { files: [], named: [], kind: 'data', meant: [], ambient: false };

/** @param files the files that the path leads to, links first */
export function describeFiles(files: readonly FileInView[]): FilesDescription {
  if (files.length === 0) return NOTHING;
  const named = files.filter((file) => file.onTheWay === undefined || file.hidden);
  // A link and the file behind it can both show the purpose: `libpng.so` does, `libpng.so.16` does not.
  const kinds = named.map((file) => classifyPath(file.path));
  const kind: PathClass = kinds.findLast((ofFile) => ofFile !== 'data') ?? 'data';
  const meant = kind === 'data' ? named.slice(-1) : named.filter((_, at) => kinds[at] === kind);
  return { files, named, kind, meant, ambient: meant.some((file) => isAmbient(file.path)) };
}
