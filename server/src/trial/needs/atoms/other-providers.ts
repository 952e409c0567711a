import { join } from 'node:path';
import { listFolder } from '../../../files/regular-file.ts';
import type { RootState } from '../../../host/root-state.ts';
import type { InstalledPackage } from '../../../installed/vdb.ts';
import { listCategories } from '../../../repository/index/table-update.ts';
import { findFamily } from '../../../repository/repository.ts';

/**
 * Finds other packages that may have a program, as `category/name`. Repositories do not list the files of packages, so these are the
 * packages that are named for the program, and installed ones that have a program of the name in another folder. If the owner is `PROGRAM-WORD`,
 * so may be the others.
 */
export type ProviderFinder = (owner: InstalledPackage, program: string) => readonly string[];

/** Categories of users, of policies, and of modules of a language, whose names are often those of programs. */
const NOT_OF_PROGRAMS =
  /^(?:acct-.*|sec-policy|app-(?:emacs|vim|eselect|xemacs|doc|dicts)|dev-(?:python|perl|ruby|lua|php|haskell|ml|go|R|tcltk|java|texlive)|java-virtuals)$/;

const PROGRAM_FOLDERS = ['/usr/bin', '/bin', '/usr/sbin', '/sbin', '/usr/local/bin', '/usr/games/bin'];

/** Limit in packages, few enough to read. */
const MOST_OTHERS = 4;

/**
 * @param repository the repository of the ebuild, as a folder of this machine
 * @param itself the package of the ebuild, which cannot bring its own tools, as `category/name`
 */
export function createProviderFinder(
  repository: string,
  itself: string,
  root: Pick<RootState, 'index' | 'layout' | 'resolver'>,
): ProviderFinder {
  const ignore = () => {};
  let packages: readonly { readonly key: string; readonly name: string }[] | undefined;
  const listPackages = () => {
    const locations = findFamily(repository, root.layout.path, ignore).repositories.map(
      ({ location }) => location,
    );
    return locations.flatMap((location) =>
      listCategories(locations, true, ignore)
        .filter((category) => !NOT_OF_PROGRAMS.test(category))
        .flatMap((category) =>
          listFolder(join(location, category), [location], ignore).map((name) => ({
            key: `${category}/${name}`,
            name,
          })),
        ),
    );
  };
  return (owner, program) => {
    // A package of the program's own name is the one that is meant.
    if (owner.name === program || !/^\w[\w+-]*$/.test(program)) return [];
    packages ??= listPackages();
    const isVariant = owner.name.startsWith(`${program}-`);
    const named = packages
      .filter(({ name }) => name === program || (isVariant && name.startsWith(`${program}-`)))
      .map(({ key }) => key);
    const installed = PROGRAM_FOLDERS.flatMap((folder) => {
      const { path, links } = root.resolver.resolve(`${folder}/${program}`);
      const owned = [path, ...links].flatMap((step) => root.index.ownerOf(step)?.package ?? []);
      return owned.slice(0, 1).map(({ category, name }) => `${category}/${name}`);
    });
    return [...new Set([...named, ...installed])]
      .filter((other) => other !== `${owner.category}/${owner.name}` && other !== itself)
      .slice(0, MOST_OTHERS);
  };
}
