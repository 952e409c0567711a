import type { ImageNeed } from '../../image/image-needs.ts';
import type { NamedNeed } from '../../image/named/named-need.ts';
import type { PerlMetadata } from '../reading/described-versions.ts';

/**
 * Lists what the distributions of Perl among the sources require at run time, if the image has modules of Perl. Only those that lie least
 * deep count: the others are bundled.
 */
export function listPerlRequirements(
  found: readonly PerlMetadata[],
  needs: readonly ImageNeed[],
): NamedNeed[] {
  if (!needs.some(({ kind, wanted }) => kind === 'module' && wanted === 'perl')) return [];
  const depth = ({ path }: PerlMetadata) => path.split('/').length;
  const least = Math.min(...found.map(depth));
  return found
    .filter((metadata) => depth(metadata) === least)
    .flatMap(({ path, requirements }) =>
      requirements.map(({ name, ...requirement }): NamedNeed => {
        const strength = requirement.isConditional === true ? 'possible' : 'required';
        return { user: path, kind: 'perl-metadata', wanted: [name], strength, requirement };
      }),
    );
}
