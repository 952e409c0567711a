import type { Denial, UnlicensedRun } from '../../audit/attribution.ts';
import type { Need, RecordedPackage } from '../../audit/record.ts';
import type { InstalledPackage } from '../../installed/vdb.ts';
import type { RootState } from '../world/root-state.ts';
import { suggestAtom } from './suggestion.ts';

/** The installed package that a record speaks of. */
export function findInstalledPackage(root: RootState, wanted: RecordedPackage): InstalledPackage {
  const found = root.lookup
    .get(`${wanted.category}/${wanted.name}`)
    ?.find((one) => one.version === wanted.version);
  if (found === undefined)
    throw new Error(
      `${wanted.category}/${wanted.name}-${wanted.version} is not in the VDB that it was read from.`,
    );
  return found;
}

/** What a denied package comes to for the record. */
export function toNeed(
  denial: Pick<Denial, 'variable' | 'package' | 'evidence'>,
  certainty: Need['certainty'],
  root: RootState,
): Need {
  return {
    variable: denial.variable,
    package: denial.package,
    atom: suggestAtom(findInstalledPackage(root, denial.package), root),
    certainty,
    evidence: denial.evidence,
  };
}

/** What running a program that only the package manager's sake makes visible comes to for the record. */
export function runToNeed(run: UnlicensedRun, root: RootState): Need {
  return toNeed({ ...run, variable: 'BDEPEND' }, 'proven', root);
}
