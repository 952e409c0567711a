import type { EclassCall } from '../../audit/record.ts';
import type { EbuildFacts } from '../../ebuild/ebuild-facts.ts';
import { createEclassLookup, type EclassLookup } from '../../repository/eclass.ts';
import { findFamily } from '../../repository/repository.ts';

/** Finds the function of an inherited eclass that runs a program, named without its folder; undefined if the ebuild's own text names it. */
export type CallFinder = (program: string) => EclassCall | undefined;

/**
 * @param repository the repository of the ebuild, as a folder of this machine
 * @param root the root whose repos.conf locates the masters
 * @param inherited every eclass, direct or not
 */
export function createCallFinder(
  repository: string,
  root: string,
  inherited: readonly string[],
  { text }: Pick<EbuildFacts, 'text'>,
): CallFinder {
  // An unreadable file names nothing here; the static check reports it.
  const ignore = () => {};
  let lookup: EclassLookup | undefined;
  return (program) => {
    if (text.split(/[^\w.+-]+/).includes(program)) return undefined;
    lookup ??= createEclassLookup(
      findFamily(repository, root, ignore).repositories.map(({ location }) => location),
      () => undefined,
      ignore,
    );
    for (const eclass of inherited) {
      const name = lookup.functionRunning(eclass, program);
      if (name !== undefined) return { eclass, function: name };
    }
    return undefined;
  };
}
