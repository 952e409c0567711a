import * as z from 'zod';
import type { Command } from './command.ts';

/** Where the root's configuration looks for binary packages. */
export interface PackageSources {
  /** PKGDIR of make.conf(5), as the sandbox sees it; empty if it is not set. */
  readonly packageFolder: string;
  /** Whether each package must have a signature, those that have one must have a good one, or none is looked at (FEATURES, make.conf(5)). */
  readonly signatures: 'demanded' | 'checked' | 'ignored';
  /** The binhosts of binrepos.conf (portage(5)) and PORTAGE_BINHOST; of two with the same package, the later wins. */
  readonly binhosts: readonly Binhost[];
}

export interface Binhost {
  readonly name: string;
  /** The folder with the file `Packages`. It may hold a user's name and password. */
  readonly uri: string;
}

/** The question which binary packages an ebuild needs. All paths are those of the sandbox. */
export interface ResolveRequest {
  readonly ebuild: string;
  /** The repository of the ebuild. */
  readonly repository: string;
  /** The atoms of the ebuild that nothing installed satisfies, and its enabled flags, which decide what `[flag?]` means. */
  readonly atoms: readonly string[];
  readonly enabled: readonly string[];
  /** The package folder. */
  readonly folder: string;
  /** Whether its file `Packages` lists all packages, as Portage takes for granted. */
  readonly isIndexed: boolean;
  /** See {@link PackageReader.sources}. */
  readonly binhosts: readonly string[];
  /** The files `Packages` of binhosts, by the {@link Binhost.uri}. */
  readonly indexes: readonly { readonly uri: string; readonly file: string }[];
}

/** A binary package that has been chosen. */
export interface ChosenPackage {
  /** `category/PF` */
  readonly id: string;
  /** Without a subslot. */
  readonly slot: string;
  /** BUILD_ID; 0 if it has none. */
  readonly buildId: number;
  /** The flags that it was built with. */
  readonly use: readonly string[];
  /** A file in the package folder; absent: it has to be downloaded. */
  readonly file?: string;
  readonly remote?: RemotePackage;
}

/** A package of a binhost, as its index describes it. */
export interface RemotePackage {
  readonly uri: string;
  /** In bytes; -1 if the index does not say it. */
  readonly size: number;
  /** Hashes in hexadecimal digits by their name in the index, e.g. `SHA1`. */
  readonly sums: Readonly<Record<string, string>>;
  /** The name of the binhost. */
  readonly binhost: string;
  /** Whether the binhost demands a signature (verify-signature in binrepos.conf). */
  readonly signed: boolean;
}

/** A dependency that no binary package satisfies. */
export interface LackingPackage {
  readonly atom: string;
  /** `category/PF` of the binary package that needs it; null for the ebuild itself. */
  readonly neededBy: string | null;
  /** `absent`: none has the name; `version`: only others have; `use`: built with other flags; `masked`: the configuration forbids it. */
  readonly kind: 'absent' | 'version' | 'use' | 'masked';
  /** Whether repositories have an ebuild that satisfies it: `visible`, only a `masked` one, or `none`. */
  readonly offered: 'visible' | 'masked' | 'none';
  /** What there is instead, e.g. `dev-libs/foo-1`. */
  readonly reasons: readonly string[];
}

/** A file in the package folder that the package manager cannot read, or that does not have the hashes or the signature that it must have. */
export interface UnreadablePackage {
  readonly file: string;
  /** In the words of the package manager; may be empty. */
  readonly reason: string;
}

export interface Resolution {
  /** In the order of merging. */
  readonly packages: readonly ChosenPackage[];
  /** Ids of installed packages that would be removed. */
  readonly removed: readonly string[];
  /** If there are packages nevertheless, only what the ebuild needs to run is lacking. */
  readonly lacking: readonly LackingPackage[];
  /** Files that were passed over; none if an index lists the packages, because they are not looked at then. */
  readonly unreadable: readonly UnreadablePackage[];
  readonly success: boolean;
  /** The end of what the package manager has said. */
  readonly said: string;
}

/** The request to open a binary package. All paths are those of the sandbox. */
export interface UnpackRequest {
  readonly package: string;
  /** An empty folder that gets `image` and `record`. */
  readonly into: string;
  readonly signed: boolean;
}

/**
 * How binary packages are found and opened. Each command prints an answer that the reader after it understands; a reader throws a UserError if
 * something else was printed.
 */
export interface PackageReader {
  /** @param binhosts addresses besides those of the configuration */
  sources(binhosts: readonly string[]): Command;
  readSources(output: string): PackageSources;
  /** @param use as for `PackageManager.metadataCommand` */
  resolve(request: ResolveRequest, use: readonly string[]): Command;
  readResolution(output: string): Resolution;
  unpack(request: UnpackRequest): Command;
  /** @returns why the package is refused; undefined if it is open */
  readUnpacked(output: string): string | undefined;
  /** @param packages ids of packages in the order of merging */
  settle(packages: readonly string[]): Command;
  /** @returns what has failed, e.g. `pkg_postinst of dev-libs/foo-1` */
  readSettled(output: string): readonly string[];
}

/** `category/PF`, which becomes the name of a folder. */
const idSchema = z.string().regex(/^[A-Za-z0-9_][\w+.-]*\/[A-Za-z0-9_][\w+.-]*$/);

export const sourcesSchema: z.ZodType<PackageSources> = z.object({
  packageFolder: z.string(),
  signatures: z.enum(['demanded', 'checked', 'ignored']),
  binhosts: z.array(z.object({ name: z.string(), uri: z.string() })),
});

export const resolutionSchema: z.ZodType<Resolution> = z.object({
  packages: z.array(
    z.object({
      id: idSchema,
      slot: z.string(),
      buildId: z.number(),
      use: z.array(z.string()),
      file: z.string().exactOptional(),
      remote: z
        .object({
          uri: z.string(),
          size: z.number(),
          sums: z.record(z.string(), z.string()),
          binhost: z.string(),
          signed: z.boolean(),
        })
        .exactOptional(),
    }),
  ),
  removed: z.array(z.string()),
  lacking: z.array(
    z.object({
      atom: z.string(),
      neededBy: z.string().nullable(),
      kind: z.enum(['absent', 'version', 'use', 'masked']),
      offered: z.enum(['visible', 'masked', 'none']),
      reasons: z.array(z.string()),
    }),
  ),
  unreadable: z.array(z.object({ file: z.string(), reason: z.string() })),
  success: z.boolean(),
  said: z.string(),
});

export const unpackedSchema = z.object({ error: z.string().optional() });
export const settledSchema = z.object({ failed: z.array(z.string()) });
