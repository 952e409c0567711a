/** The data of one ebuild in the index, as written to disk. */
export interface EbuildEntry {
  /** `PVR` (PMS 11.1). */
  readonly version: string;
  /** The file's time of change in milliseconds, and its size in bytes, when it was read. */
  readonly modified: number;
  readonly size: number;
  readonly eapi: string;
  readonly slot?: string;
  readonly subslot?: string;
  /** All flags, if they come from a valid cache entry; else the ebuild's own without those of its eclasses. Words. */
  readonly iuse?: string;
  readonly keywords?: string;
  /**
   * The eclasses, as words, with `?` before one that bash may skip. A cache entry gives indirect ones too. Absent if
   * the text does not give them all.
   */
  readonly inherits?: string;
  readonly cached: boolean;
}

/** The ebuilds of one package folder. */
export interface PackageEntry {
  /** The folder's time of change in milliseconds, when it was read. */
  readonly modified: number;
  readonly ebuilds: readonly EbuildEntry[];
}

/** Everything that the index keeps of one repository, as written to disk. */
export interface PackageTable {
  readonly location: string;
  /** By `category/name`. */
  readonly packages: Map<string, PackageEntry>;
  /** The md5 of every eclass that an entry depends on, by name; empty if there was none. */
  readonly eclasses: Map<string, string>;
  /** The times of change of the folders of `metadata/md5-cache`, in milliseconds, by category. */
  readonly cacheFolders: Map<string, number>;
}

/** Raised when the form or the meaning of the file changes; a file of another format is not read. */
const FORMAT = 1;

type Line = readonly [
  version: string,
  modified: number,
  size: number,
  eapi: string,
  slot: string | null,
  subslot: string | null,
  iuse: string | null,
  keywords: string | null,
  inherits: string | null,
  cached: 0 | 1,
];

/** An index of nothing. */
export function emptyPackageTable(location: string): PackageTable {
  return { location, packages: new Map(), eclasses: new Map(), cacheFolders: new Map() };
}

/** Writes a table as text. */
export function printPackageTable(table: PackageTable): string {
  return JSON.stringify({
    format: FORMAT,
    location: table.location,
    packages: [...table.packages].map(([name, { modified, ebuilds }]) => [
      name,
      modified,
      ebuilds.map(toLine),
    ]),
    eclasses: [...table.eclasses],
    cacheFolders: [...table.cacheFolders],
    // Its absence shows that the file is truncated.
    end: true,
  });
}

/**
 * Reads the output of {@link printPackageTable}; undefined if it is damaged, of another format or of another
 * repository.
 */
export function parsePackageTable(text: string, location: string): PackageTable | undefined {
  try {
    const read = JSON.parse(text);
    if (read.format !== FORMAT || read.location !== location || read.end !== true) return undefined;
    const packages = new Map<string, PackageEntry>();
    const words = createWordStore();
    for (const [name, modified, lines] of read.packages as [string, number, Line[]][])
      packages.set(name, { modified, ebuilds: lines.map((line) => fromLine(line, words)) });
    return {
      location,
      packages,
      eclasses: new Map(read.eclasses),
      cacheFolders: new Map(read.cacheFolders),
    };
  } catch {
    return undefined;
  }
}

function toLine(entry: EbuildEntry): Line {
  const { version, modified, size, eapi, slot, subslot, iuse, keywords, inherits, cached } = entry;
  return [
    version,
    modified,
    size,
    eapi,
    slot ?? null,
    subslot === slot ? null : (subslot ?? null),
    iuse ?? null,
    keywords ?? null,
    inherits ?? null,
    cached ? 1 : 0,
  ];
}

function fromLine(line: Line, keep: (text: string) => string): EbuildEntry {
  const [version, modified, size, eapi, slot, subslot, iuse, keywords, inherits, cached] = line;
  return {
    version,
    modified,
    size,
    eapi: keep(eapi),
    ...(slot !== null && { slot: keep(slot), subslot: keep(subslot ?? slot) }),
    ...(iuse !== null && { iuse: keep(iuse) }),
    ...(keywords !== null && { keywords: keep(keywords) }),
    ...(inherits !== null && { inherits: keep(inherits) }),
    cached: cached === 1,
  };
}

/** Stores each text once: thousands of ebuilds have the same words. */
export function createWordStore(): (text: string) => string {
  const known = new Map<string, string>();
  return (text) => {
    const same = known.get(text);
    if (same === undefined) known.set(text, text);
    return same ?? text;
  };
}
