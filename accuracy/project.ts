import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** An upstream project with an ebuild that is right, and what is tried with it. */
export interface Project {
  readonly name: string;
  readonly buildSystem: 'autotools' | 'cmake' | 'meson' | 'make' | 'own configure' | 'Perl' | 'Python';
  /** The right ebuild, below the overlay. */
  readonly ebuild: string;
  /** Where its archive comes from; absent where the set-up provides it. */
  readonly source?: {
    /** Debian's source package. */
    readonly debian: string;
    /** Upstream's archive as Debian names it. */
    readonly archive: string;
    /** As SRC_URI names it. */
    readonly distfile: string;
  };
  /** The Debian packages that hold what the ebuild declares and what its build could find besides. */
  readonly needs: readonly string[];
  /** An installed package that the build has nothing to do with. */
  readonly unneeded: string;
  readonly automagic: readonly AutomagicCase[];
}

/** The right ebuild without what keeps the build from using what it finds. */
export interface AutomagicCase {
  /** What is taken out of the ebuild's text; each stands in it once. */
  readonly without: readonly string[];
  /** What the build uses then, as category/name. */
  readonly packages: readonly string[];
}

/**
 * The projects that the measure is made of; an overlay beside the list holds their ebuilds. Throws an Error for names that none of them has.
 *
 * @param list `projects` are upstream's, `short-projects` two small ones whose sources are in the overlay
 */
export function readProjects(
  list: 'projects' | 'short-projects',
  names: readonly string[] = [],
): readonly Project[] {
  const all = JSON.parse(readFileSync(join('accuracy', `${list}.json`), 'utf8')) as readonly Project[];
  const unknown = names.filter((name) => !all.some((project) => project.name === name));
  if (unknown.length > 0) {
    const known = all.map(({ name }) => name).join(', ');
    throw new Error(`There is no project called ${unknown.join(', ')}; there are ${known}.`);
  }
  return names.length === 0 ? all : all.filter(({ name }) => names.includes(name));
}
