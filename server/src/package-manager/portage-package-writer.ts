import * as z from 'zod';
import type { Command } from './command.ts';
import { parseObject } from './metadata.ts';
import { BUILD_ENVIRONMENT } from './plain-environment.ts';
import { PACKAGE_ENTRIES, type PackageWriter, type TrialPaths } from './port.ts';
import { PACK, PACKED_MARK, READ_PACKED } from './portage-scripts.ts';
import { useEnvironment } from './use-environment.ts';

/** The programs of Portage that write packages, as the sandbox sees them. */
interface PackingPrograms {
  /** A Python that can import `portage`. */
  readonly python: string;
  /** The Python program `ebuild`, not a wrapper around it. */
  readonly ebuild: string;
}

const packedSchema = z.object({
  category: z.string(),
  packageAndVersion: z.string(),
  buildId: z.string(),
  additions: z.record(z.string(), z.string()),
});

/**
 * Features that a package of a trial must not depend on. There are no keys in the sandbox, and with `binpkg-multi-instance` the name of a
 * package has its BUILD_ID, which every Portage reads.
 */
const FEATURES = '-binpkg-signing -binpkg-request-signature -packdebug -noauto binpkg-multi-instance';

/**
 * Makes the part of the backend for Portage that writes binary packages (ebuild(1), `package`).
 *
 * @param environmentOf the environment of Portage in a trial, with FEATURES
 */
export function createPortagePackageWriter(
  { python, ebuild }: PackingPrograms,
  environmentOf: (paths: TrialPaths) => Readonly<Record<'FEATURES' | 'PKGDIR', string>>,
): PackageWriter {
  const environment = (paths: TrialPaths, test = false) => {
    const common = environmentOf(paths);
    const features = `${common.FEATURES} ${FEATURES} ${test ? 'test' : '-test'}`;
    return { ...common, ...BUILD_ENVIRONMENT, FEATURES: features };
  };
  return {
    packCommand: (paths, { buildId, additions, test, use }): Command => ({
      argv: [python, '-c', PACK, additions, String(buildId), ebuild, paths.ebuild],
      environment: { ...environment(paths, test), ...useEnvironment(use), BINPKG_FORMAT: 'gpkg' },
    }),

    packageFolder: (paths) => environmentOf(paths).PKGDIR,

    readCommand: (paths, file): Command => ({
      argv: [python, '-c', READ_PACKED, file, ...Object.values(PACKAGE_ENTRIES)],
      environment: environment(paths),
    }),

    readPacked(output) {
      const line = output.split('\n').findLast((text) => text.startsWith(PACKED_MARK));
      const packed = packedSchema.safeParse(parseObject(line?.slice(PACKED_MARK.length) ?? ''));
      if (!packed.success) throw new Error('Portage printed no metadata of the binary package.');
      return packed.data;
    },
  };
}
