import { decodePath, encodePath } from '../../sandbox/path-bytes.ts';
import { ENTRY_TYPES, type EntryType, scanContents } from '../contents.ts';
import type { PathResolver } from '../path-resolver.ts';
import { continueHash, HASH_START, type PathTable, slotOf, startOf } from './path-table.ts';

/** Makes a {@link PathTable} package by package. */
export interface TableBuilder {
  /**
   * Adds the next package. On a merged-usr system CONTENTS may say `/lib` where the kernel says `/usr/lib`: parent folders are
   * resolved, the last component never, because a link has an owner of its own; of a `dir` entry all is resolved.
   *
   * @returns how many lines of CONTENTS were read, and how many could not be
   */
  add(contents: Buffer): { readonly entries: number; readonly damaged: number };
  /** The table of everything added; nothing may be added afterwards. */
  finish(): PathTable;
  /**
   * What each link that was followed resolved to, and each folder in one of the top two levels, where links come and go without a package
   * being changed (merged-usr): while they resolve to the same, so do all folders of the table.
   */
  readonly resolved: ReadonlyMap<string, string>;
}

const SLASH = 0x2f;

const typeNumbers = Object.fromEntries(ENTRY_TYPES.map((type, number) => [type, number])) as Record<
  EntryType,
  number
>;

export function createTableBuilder(resolver: PathResolver): TableBuilder {
  const folders = createFolderNumbers(resolver);
  const packageEnds = growable();
  const places = growable();
  const nameEnds = growable();
  const hashes = growable();
  const listedEnds = growable();
  const listed = growable();
  let names = new Uint8Array(1 << 16);
  let namesLength = 0;

  const addName = (bytes: Buffer, start: number, end: number) => {
    const length = end - start;
    if (namesLength + length > names.length) {
      const larger = new Uint8Array(Math.max(names.length * 2, namesLength + length));
      larger.set(names);
      names = larger;
    }
    for (let i = 0; i < length; i++) names[namesLength + i] = bytes[start + i] as number;
    namesLength += length;
    nameEnds.push(namesLength);
  };

  return {
    add(contents) {
      // Lines of one folder follow each other, so most need no look at the map of folders.
      let lastStart = 0;
      let lastEnd = -1;
      let lastFolder = 0;
      const folderAt = (start: number, end: number): number => {
        if (lastEnd < 0 || !repeats(contents, lastStart, lastEnd, start, end)) {
          lastFolder = folders.numberOf(contents, start, end);
          lastStart = start;
          lastEnd = end;
        }
        return lastFolder;
      };
      const damaged = scanContents(contents, (type, start, end) => {
        if (type === 'dir') {
          listed.push(folderAt(start, end));
          return;
        }
        let slash = end - 1;
        while (contents[slash] !== SLASH) slash--;
        const folder = folderAt(start, slash);
        places.push(folder * 8 + typeNumbers[type]);
        hashes.push(continueHash(folders.hashes.array[folder] as number, contents, slash + 1, end));
        addName(contents, slash + 1, end);
      });
      const entries = places.length + listed.length - packageEnds.last - listedEnds.last;
      packageEnds.push(places.length);
      listedEnds.push(listed.length);
      return { entries, damaged };
    },
    finish() {
      const table = {
        packageEnds: packageEnds.finish(),
        places: places.finish(),
        nameEnds: nameEnds.finish(),
        names: names.slice(0, namesLength),
        listedEnds: listedEnds.finish(),
        listed: listed.finish(),
        ...folders.finish(),
      };
      return { ...table, ...fillSlots(table, hashes.finish()) };
    },
    resolved: folders.resolved,
  };
}

/** Gives each folder that is named in CONTENTS the number of what it resolves to. */
function createFolderNumbers(resolver: PathResolver) {
  const byName = new Map<string, number>();
  const byPath = new Map<string, number>();
  const paths: Uint8Array[] = [];
  const hashes = growable();
  const resolvedTo = new Map<string, string>();

  const numberOfPath = (path: string): number => {
    const known = byPath.get(path);
    if (known !== undefined) return known;
    const number = paths.length;
    const bytes = encodePath(path === '/' ? '' : path);
    paths.push(bytes);
    hashes.push(continueHash(continueHash(HASH_START, bytes, 0, bytes.length), SLASH_BYTES, 0, 1));
    byPath.set(path, number);
    return number;
  };
  return {
    hashes,
    resolved: resolvedTo,
    numberOf(contents: Buffer, start: number, end: number): number {
      const name = contents.toString('latin1', start, end);
      const known = byName.get(name);
      if (known !== undefined) return known;
      const resolved = resolver.resolve(start === end ? '/' : decodePath(contents.subarray(start, end)));
      for (const link of resolved.links) resolvedTo.set(link, resolver.resolve(link).path);
      if (resolved.path.split('/', 4).length <= 3) resolvedTo.set(resolved.path, resolved.path);
      const number = numberOfPath(resolved.path);
      byName.set(name, number);
      return number;
    },
    finish() {
      const folderEnds = new Uint32Array(paths.length);
      let length = 0;
      for (const [number, path] of paths.entries()) {
        length += path.length;
        folderEnds[number] = length;
      }
      const folderPaths = new Uint8Array(length);
      for (const [number, path] of paths.entries()) folderPaths.set(path, startOf(folderEnds, number));
      const folderSlots = emptySlots(paths.length);
      for (let number = 0; number < paths.length; number++) {
        let slot = slotOf(hashes.array[number] as number, folderSlots);
        while (folderSlots[slot] !== 0) slot = (slot + 1) & (folderSlots.length - 1);
        folderSlots[slot] = number + 1;
      }
      return { folderEnds, folderPaths, folderSlots };
    },
  };
}

const SLASH_BYTES = Uint8Array.of(SLASH);

/** A file that a package records twice gets one slot, and the later line counts, as in Portage. */
function fillSlots(
  { places, packageEnds, nameEnds, names }: Omit<PathTable, 'slots' | 'shared'>,
  hashes: Uint32Array,
): Pick<PathTable, 'slots' | 'shared'> {
  const slots = emptySlots(places.length);
  const shared = growable();
  const isSamePath = (left: number, right: number) =>
    hashes[left] === hashes[right] &&
    (places[left] as number) >>> 3 === (places[right] as number) >>> 3 &&
    repeats(
      names,
      startOf(nameEnds, left),
      nameEnds[left] as number,
      startOf(nameEnds, right),
      nameEnds[right] as number,
    );
  let owner = 0;
  let ownFrom = 0;
  for (let file = 0; file < places.length; file++) {
    while (file >= (packageEnds[owner] as number)) ownFrom = packageEnds[owner++] as number;
    let slot = slotOf(hashes[file] as number, slots);
    let isShared = false;
    for (let taken = slots[slot] as number; taken !== 0; taken = slots[slot] as number) {
      const other = taken - 1;
      if (isSamePath(other, file)) {
        if (other >= ownFrom) break;
        isShared = true;
      }
      slot = (slot + 1) & (slots.length - 1);
    }
    slots[slot] = file + 1;
    if (isShared) shared.push(file);
  }
  return { slots, shared: shared.finish() };
}

/** At most half full. */
function emptySlots(count: number): Uint32Array {
  let size = 4;
  while (size < count * 2) size *= 2;
  return new Uint32Array(size);
}

/** Whether two parts of an array are equal. Names in one folder differ at their end, so that is where to look first. */
function repeats(bytes: Uint8Array, start: number, end: number, from: number, to: number): boolean {
  if (end - start !== to - from) return false;
  for (let back = 1; back <= end - start; back++) if (bytes[end - back] !== bytes[to - back]) return false;
  return true;
}

interface Growable {
  readonly array: Uint32Array;
  readonly length: number;
  /** The last value, or 0. */
  readonly last: number;
  push(value: number): void;
  finish(): Uint32Array;
}

function growable(): Growable {
  let array = new Uint32Array(1024);
  let length = 0;
  return {
    get array() {
      return array;
    },
    get length() {
      return length;
    },
    get last() {
      return length === 0 ? 0 : (array[length - 1] as number);
    },
    push(value) {
      if (length === array.length) {
        const larger = new Uint32Array(length * 2);
        larger.set(array);
        array = larger;
      }
      array[length++] = value;
    },
    finish: () => array.slice(0, length),
  };
}
