import type { EclassCall } from '../../audit/record.ts';
import type { EbuildFacts } from '../../ebuild/ebuild-facts.ts';
import type { EclassLookup } from '../../repository/eclass.ts';

/** Finds the function of an inherited eclass that runs a program, named without its folder; undefined if the ebuild's own text names it. */
export type CallFinder = (program: string) => EclassCall | undefined;

/** @param inherited every eclass, direct or not */
export function createCallFinder(
  openLookup: () => EclassLookup,
  inherited: readonly string[],
  { text }: Pick<EbuildFacts, 'text'>,
): CallFinder {
  return (program) => {
    if (text.split(/[^\w.+-]+/).includes(program)) return undefined;
    const lookup = openLookup();
    for (const eclass of inherited) {
      const name = lookup.functionRunning(eclass, program);
      if (name !== undefined) return { eclass, function: name };
    }
    return undefined;
  };
}
