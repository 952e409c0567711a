import { compareVersions, parseVersion } from '../pms/version.ts';
import type { VersionBound } from './evidence.ts';

/**
 * Whether a bound refuses an installed version. A package may have a longer version than upstream's number.
 *
 * @param installed as the VDB has it, with a revision if there is one
 */
export function refusesVersion({ operator, version }: VersionBound, installed: string): boolean {
  const [wanted, has] = [parseVersion(version), parseVersion(installed.replace(/-r\d+$/, ''))];
  if (wanted === undefined || has === undefined) return false;
  const order = compareVersions(has, wanted);
  switch (operator) {
    case '>=':
      return order < 0;
    case '>':
      return order <= 0;
    case '<=':
      return order > 0;
    case '<':
      return order >= 0;
    case '=':
      return order !== 0 && !installed.startsWith(version);
  }
}
