import { parseVersion } from '../pms/version.ts';

/** Values that are known from the path of the ebuild and not from its text, such as `PN` and `PV` (PMS 11.1). */
export type Predefined = Readonly<Record<string, string>>;

/**
 * The variables that are known from the path of an ebuild (PMS 11.1): CATEGORY, P, PF, PN, PR, PV and PVR.
 *
 * @param packageAndVersion the name of the file without `.ebuild`, e.g. `libpng-1.6.39-r1`
 * @returns only CATEGORY if the name does not end in a version
 */
export function packageVariables(category: string, packageAndVersion: string): Predefined {
  for (let dash = packageAndVersion.indexOf('-'); dash > 0; dash = packageAndVersion.indexOf('-', dash + 1)) {
    const full = packageAndVersion.slice(dash + 1);
    const version = parseVersion(full);
    if (version === undefined) continue;
    const name = packageAndVersion.slice(0, dash);
    const bare = version.revision === '' ? full : full.slice(0, full.lastIndexOf('-r'));
    return {
      CATEGORY: category,
      P: `${name}-${bare}`,
      PF: packageAndVersion,
      PN: name,
      PR: `r${version.revision === '' ? '0' : version.revision}`,
      PV: bare,
      PVR: full,
    };
  }
  return { CATEGORY: category };
}
