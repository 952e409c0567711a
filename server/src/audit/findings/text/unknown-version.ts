import { type Atom, printAtom } from '../../../pms/atom.ts';
import { matchesVersion } from '../../../pms/match.ts';
import type { OfferedPackage } from '../../../pms/offered-package.ts';
import { nameOf } from '../../../pms/package-name.ts';
import { compareVersions, parseVersion } from '../../../pms/version.ts';
import type { Finding } from '../../finding.ts';
import {
  certainAtoms,
  isAlternative,
  isOwnPackage,
  offeredPackages,
  type TextSubject,
} from '../../subject.ts';

/** `unknown-version`: packages of this name exist, but none has a version and a slot that the atom accepts. */
export function findUnknownVersions(subject: TextSubject): Finding[] {
  const { knowledge } = subject;
  if (knowledge === undefined || knowledge.incomplete !== undefined) return [];
  return certainAtoms(subject).flatMap((placed) => {
    const { atom } = placed;
    if (atom.blocker !== '' || atom.version === undefined || isOwnPackage(subject, atom)) return [];
    const offered = offeredPackages(knowledge, atom);
    if (offered.length === 0 || offered.some((candidate) => matchesIgnoringUse(atom, candidate))) return [];
    const wanted = printAtom({ ...atom, use: [], repository: undefined, slotOperator: '' });
    return [
      {
        code: 'unknown-version',
        severity: isAlternative(placed) ? 'warning' : 'error',
        message: `No ebuild satisfies ${wanted}: use another version, or add the ebuild; available: ${listVersions(offered)}.`,
        range: placed.range,
        evidence: [],
        about: [nameOf(atom)],
      },
    ];
  });
}

/** Whether a package of the atom's name matches it, apart from USE flags. An unknown slot counts as a match. */
export function matchesIgnoringUse(atom: Atom, candidate: OfferedPackage): boolean {
  const { slot } = candidate;
  const mayHaveSlot = slot === undefined || atom.slot === undefined || atom.slot === slot;
  return mayHaveSlot && matchesVersion(atom, candidate.version);
}

/** A longer list would hide the message. */
const NEWEST_LISTED = 5;

/** `1.2`, or `1.3, 1.2 and 2 older`, the newest first. */
function listVersions(offered: readonly OfferedPackage[]): string {
  const versions = [...new Set(offered.map(({ version }) => version))].sort((left, right) => {
    const [a, b] = [parseVersion(left), parseVersion(right)];
    return a === undefined || b === undefined ? 0 : compareVersions(b, a);
  });
  const listed = versions.slice(0, NEWEST_LISTED);
  const rest = versions.length - listed.length;
  return `${listed.join(', ')}${rest > 0 ? ` and ${rest} older` : ''}`;
}
