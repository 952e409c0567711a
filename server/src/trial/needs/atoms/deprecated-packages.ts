import type { InstalledPackage } from '../../../installed/vdb.ts';
import { matchesAtom } from '../../../pms/match.ts';
import { type DeprecatedList, readDeprecatedList } from '../../../repository/deprecated-list.ts';
import { findFamily } from '../../../repository/repository.ts';

/** Whether `profiles/package.deprecated` lists an installed package, so that no atom may ask for it. */
export type DeprecationTest = (installed: InstalledPackage) => boolean;

/**
 * @param repository the repository of the ebuild, as a folder of this machine
 * @param root the root whose repos.conf locates the masters
 */
export function createDeprecationTest(repository: string, root: string): DeprecationTest {
  // An unreadable file deprecates nothing here; the static check reports it.
  const ignore = () => {};
  let list: DeprecatedList | undefined;
  return (installed) => {
    list ??= readDeprecatedList(findFamily(repository, root, ignore).repositories, ignore);
    const entries = list.get(`${installed.category}/${installed.name}`) ?? [];
    return entries.some(({ atom }) => matchesAtom({ ...atom, repository: undefined }, installed));
  };
}
