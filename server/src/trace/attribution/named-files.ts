import { classifyPath, isAmbient, type PathClass } from '../path-class.ts';
import type { TouchedFile } from '../trace-context.ts';

/** What a process meant that named a path. */
export interface NamedFiles {
  /** What all of them are for. */
  readonly kind: PathClass;
  /** See `isAmbient`. */
  readonly ambient: boolean;
  /** Those that were meant: neither a link among the folders on the way, nor the file behind `libpng.so`. */
  readonly meant: readonly TouchedFile[];
}

/** What was understood of the files behind a path; whoever answers for paths gives the same answer again and again. */
const understood = new WeakMap<readonly TouchedFile[], NamedFiles>();

/** A link says as well as the file behind it what both are for: `libpng.so` does, `libpng.so.16` does not. */
export function understand(files: readonly TouchedFile[]): NamedFiles {
  const known = understood.get(files);
  if (known !== undefined) return known;
  const named = leaveOutFolders(files);
  const kinds = named.map((file) => classifyPath(file.path));
  const kind: PathClass = kinds.findLast((one) => one !== 'data') ?? 'data';
  const meant = kind === 'data' ? named.slice(-1) : named.filter((_, at) => kinds[at] === kind);
  const made = { kind, ambient: meant.some((file) => isAmbient(file.path)), meant };
  understood.set(files, made);
  return made;
}

/** The files that a path leads to without the links that stand for folders; where such a folder is hidden there is nothing behind it. */
export function leaveOutFolders(files: readonly TouchedFile[]): readonly TouchedFile[] {
  return files.filter((file) => file.onTheWay === undefined || file.hidden);
}
