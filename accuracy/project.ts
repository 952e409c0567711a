import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** An upstream project with a correct ebuild, and the trials for it. */
export interface Project {
  readonly name: string;
  readonly buildSystem:
    | 'autotools'
    | 'cmake'
    | 'meson'
    | 'make'
    | 'own configure'
    | 'qmake'
    | 'Go'
    | 'Perl'
    | 'Python'
    | 'Rust';
  /** The path of the correct ebuild in the overlay. */
  readonly ebuild: string;
  /** The source of its archive; absent if the set-up provides it. */
  readonly source?: ProjectSource;
  /** Further archives, such as the crates of a Rust project. */
  readonly more?: readonly ProjectSource[];
  /** The Debian packages for the dependencies of the ebuild, and for others that its build could find. */
  readonly needs: readonly string[];
  /** An installed package that the build does not use. */
  readonly unneeded: string;
  readonly automagic: readonly AutomagicCase[];
  /** Packages, as category/name, that DEPEND has only because it takes RDEPEND over, and that the build only runs. */
  readonly runOnly?: readonly string[];
}

export type ProjectSource = SourceArchive | Crate;

/** Upstream's archive in a source package of Debian. */
export interface SourceArchive {
  readonly debian: string;
  /** Its name in Debian. */
  readonly archive: string;
  /** Its name in SRC_URI. */
  readonly distfile: string;
}

/** A crate of Rust, which Debian has in a binary package whole. */
export interface Crate {
  /** The binary package. */
  readonly package: string;
  /** Name and version, e.g. `bitflags-1.3.2`; the name in SRC_URI without `.crate`. */
  readonly crate: string;
}

/** The correct ebuild without the options that keep the build from using packages that it finds. */
export interface AutomagicCase {
  /** The pieces to remove from the text of the ebuild, in which each occurs once. */
  readonly without: readonly string[];
  /** The packages that the build then uses, as category/name. */
  readonly packages: readonly string[];
}

/**
 * Reads the list of projects. Their ebuilds are in the overlay next to it.
 *
 * @param list `projects` are upstream projects, `short-projects` two small ones with sources in the overlay
 * @throws an Error for unknown names
 */
export function readProjects(
  list: 'projects' | 'short-projects',
  names: readonly string[] = [],
): readonly Project[] {
  const projects = JSON.parse(readFileSync(join('accuracy', `${list}.json`), 'utf8')) as readonly Project[];
  const unknown = names.filter((name) => !projects.some((project) => project.name === name));
  if (unknown.length > 0) {
    const known = projects.map(({ name }) => name).join(', ');
    throw new Error(`There is no project called ${unknown.join(', ')}; there are ${known}.`);
  }
  return names.length === 0 ? projects : projects.filter(({ name }) => names.includes(name));
}
