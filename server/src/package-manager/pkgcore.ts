import type { Command } from './command.ts';
import { readMarkedMetadata } from './metadata.ts';
import { METADATA_MARK, PRINT_METADATA, RUN_PHASES } from './pkgcore-scripts.ts';
import { BUILD_ENVIRONMENT, PLAIN_ENVIRONMENT } from './plain-environment.ts';
import {
  type BuildOptions,
  type EvaluatedMetadata,
  type OwnWork,
  type PackageManager,
  type PackageManagerFiles,
  PHASES,
  type Phase,
  type TrialPaths,
} from './port.ts';
import { useEnvironment } from './use-environment.ts';

/** The place of an installation of pkgcore, as the sandbox sees it. */
export interface PkgcoreInstallation {
  readonly version: string;
  /** A Python that can import `pkgcore`. */
  readonly python: string;
  /** The Python program `pebuild`, not a wrapper around it. */
  readonly pebuild: string;
  /** The folder that holds `ebd`, e.g. `/usr/lib/pkgcore`. */
  readonly library: string;
  readonly files: PackageManagerFiles;
}

/**
 * pkgcore's own work: its daemon's helpers (`ebd/helpers`). Processes that the daemon and `emake` start are the
 * ebuild's, but for scanelf: after src_install a function of the daemon looks at the image with it, if it is visible. On a
 * Gentoo system it is, because Portage needs it to run.
 */
function pkgcoreOwnWork({ library, files }: PkgcoreInstallation): OwnWork {
  return {
    folders: [library, ...files.binds],
    programs: ['/usr/bin/scanelf'],
    ebuildHelpers: ['ebuild-daemon.bash', 'emake', 'nonfatal'],
  };
}

/** The backend for pkgcore (pebuild(1)). */
export function createPkgcore(installation: PkgcoreInstallation): PackageManager {
  return {
    name: 'pkgcore',
    version: installation.version,
    python: installation.python,
    files: installation.files,
    ownWork: pkgcoreOwnWork(installation),

    metadataCommand(paths: TrialPaths, use: readonly string[]): Command {
      const { work, distfiles, repository, category, packageName, packageAndVersion } = paths;
      const version = packageAndVersion.slice(packageName.length + 1);
      return {
        argv: [
          installation.python,
          '-c',
          PRINT_METADATA,
          work,
          distfiles,
          repository,
          category,
          packageName,
          version,
        ],
        environment: { ...pkgcoreEnvironment(paths), ...useEnvironment(use) },
      };
    },

    readMetadata(output: string): EvaluatedMetadata {
      return readMarkedMetadata(output, METADATA_MARK, 'pkgcore');
    },

    buildCommand(paths: TrialPaths, options: BuildOptions): Command {
      const { work, distfiles, repository, ebuild } = paths;
      const { python, pebuild } = installation;
      const phases = options.phases.filter((phase) => phase !== 'test' || options.test);
      return {
        argv: [
          python,
          '-c',
          RUN_PHASES,
          work,
          distfiles,
          repository,
          pebuild,
          ebuild,
          options.afresh ? 'afresh' : 'on',
          phases.join(','),
        ],
        environment: {
          ...pkgcoreEnvironment(paths),
          ...BUILD_ENVIRONMENT,
          ...useEnvironment(options.use),
          MAKEOPTS: `-j${options.jobs}`,
        },
      };
    },

    phaseOf(argv: readonly string[]): Phase | undefined {
      // `bash …/phases/PHASE/ebuild-daemon.bash daemonize`
      const [, phase] = /\/phases\/(\w+)\/ebuild-daemon\.bash$/.exec(argv[1] ?? '') ?? [];
      return PHASES.find((known) => known === phase);
    },

    buildFolder: ({ work }: TrialPaths) => `${work}/portage`,

    unpackedSources: ({ category, packageAndVersion }: TrialPaths) =>
      ['work', '.unpack', 'distdir'].map((name) => `${category}/${packageAndVersion}/${name}`),

    savedEnvironment: ({ work, category, packageAndVersion }: TrialPaths) =>
      `${work}/portage/${category}/${packageAndVersion}/temp/environment`,

    imageFolder({ work, category, packageAndVersion }: TrialPaths): string {
      return `${work}/portage/${category}/${packageAndVersion}/image`;
    },
  };
}

function pkgcoreEnvironment(paths: TrialPaths): Readonly<Record<string, string>> {
  return {
    ...PLAIN_ENVIRONMENT,
    HOME: paths.work,
    // Root without capabilities cannot give files away, which tar otherwise tries.
    TAR_OPTIONS: '--no-same-owner',
    FEATURES: '-sandbox -usersandbox -userpriv -userfetch -network-sandbox -ccache -distcc',
  };
}
