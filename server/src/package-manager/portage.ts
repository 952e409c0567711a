import { getPriority } from 'node:os';
import type { Command } from './command.ts';
import { readMarkedMetadata } from './metadata.ts';
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
import { createPortagePackageReader } from './portage-package-reader.ts';
import { createPortagePackageWriter } from './portage-package-writer.ts';
import { METADATA_MARK, PRINT_METADATA, RUN_PROGRAM } from './portage-scripts.ts';
import { useEnvironment } from './use-environment.ts';

/** The place of an installation of Portage, as the sandbox sees it. */
export interface PortageInstallation {
  readonly version: string;
  /** A Python that can import `portage`. */
  readonly python: string;
  /** The folder of ebuild.sh and its helpers (PORTAGE_BIN_PATH), e.g. `/usr/lib/portage/python3.13`. */
  readonly scripts: string;
  /** The Python program `ebuild`, not a wrapper around it. */
  readonly ebuild: string;
  readonly files: PackageManagerFiles;
}

/**
 * Features that bubblewrap replaces, or that cannot work inside it. `-distlocks -ebuild-locks -news -merge-sync`
 * avoid changes that a trial must not make; `-qa-unresolved-soname-deps` avoids a check of the whole system.
 */
const FEATURES = [
  'sandbox',
  'usersandbox',
  'userpriv',
  'userfetch',
  'usersync',
  'ccache',
  'distcc',
  'network-sandbox',
  'ipc-sandbox',
  'pid-sandbox',
  'mount-sandbox',
  'cgroup',
  'distlocks',
  'ebuild-locks',
  'news',
  'merge-sync',
  'strict',
  'stricter',
  'fail-clean',
  'binpkg-logs',
  'buildpkg',
  'clean-logs',
  'split-log',
  'compress-build-logs',
  'qa-unresolved-soname-deps',
  'installsources',
  'splitdebug',
  'selinux',
  'xattr',
]
  .map((feature) => `-${feature}`)
  .join(' ');

/**
 * Portage's own work: everything below its folder of scripts (misc-functions.sh with the checks after install,
 * portageq, doins.py, …). Processes that `ebuild.sh`, `emake` and `nonfatal` start are the ebuild's. Before a phase
 * sources the ebuild or the saved environment, it looks for autoconf, automake, aclocal and libtoolize, to replace
 * them by functions (ebuild.sh, QA_INTERCEPTORS).
 */
function portageOwnWork({ scripts, files }: PortageInstallation): OwnWork {
  return {
    folders: [scripts, ...files.binds],
    ebuildHelpers: ['ebuild.sh', 'emake', 'nonfatal'],
    ebuildBegins: ['/temp/environment', '.ebuild'],
  };
}

/** The backend for Portage (ebuild(1), portage(5)). */
export function createPortage(installation: PortageInstallation): PackageManager {
  return {
    name: 'portage',
    version: installation.version,
    python: installation.python,
    files: installation.files,
    ownWork: portageOwnWork(installation),
    packageReader: createPortagePackageReader(installation.python, PACKAGES_ENVIRONMENT),

    metadataCommand(paths: TrialPaths, use: readonly string[]): Command {
      const { repository, category, packageAndVersion } = paths;
      return {
        argv: [installation.python, '-c', PRINT_METADATA, repository, category, packageAndVersion],
        environment: { ...portageEnvironment(paths), ...useEnvironment(use) },
      };
    },

    readMetadata(output: string): EvaluatedMetadata {
      return readMarkedMetadata(output, METADATA_MARK, 'Portage');
    },

    buildCommand(paths: TrialPaths, { phases, afresh, test, jobs, use }: BuildOptions): Command {
      const environment = portageEnvironment(paths);
      // Portage itself runs the phases that lead to this one, and skips those that its marks in the build folder say
      // are done.
      const last = phases.filter((phase) => phase !== 'test' || test).at(-1) ?? 'setup';
      return {
        argv: [
          installation.python,
          '-c',
          RUN_PROGRAM,
          installation.ebuild,
          '--skip-manifest',
          paths.ebuild,
          ...(afresh ? ['clean'] : []),
          last,
        ],
        environment: {
          ...environment,
          ...BUILD_ENVIRONMENT,
          ...useEnvironment(use),
          FEATURES: `${environment.FEATURES} ${test ? 'test' : '-test'}`,
          MAKEOPTS: `-j${jobs}`,
        },
      };
    },

    phaseOf(argv: readonly string[]): Phase | undefined {
      // The kernel runs `#!/usr/bin/env bash`, so the script is the first or the second word.
      const at = argv.slice(0, 2).findIndex((word) => word.endsWith('/ebuild.sh'));
      return at < 0 ? undefined : PHASES.find((phase) => phase === argv[at + 1]);
    },

    buildFolder: ({ work }: TrialPaths) => `${work}/portage`,

    unpackedSources: ({ category, packageAndVersion }: TrialPaths) =>
      // Portage makes the links of FILESDIR and DISTDIR when it unpacks (_emerge/EbuildPhase.py).
      ['work', '.unpacked', 'files', 'distdir'].map((name) => `${category}/${packageAndVersion}/${name}`),

    packageWriter: createPortagePackageWriter(installation, portageEnvironment),

    savedEnvironment: ({ work, category, packageAndVersion }: TrialPaths) =>
      `${work}/portage/${category}/${packageAndVersion}/temp/environment`,

    imageFolder({ work, category, packageAndVersion }: TrialPaths): string {
      return `${work}/portage/${category}/${packageAndVersion}/image`;
    },
  };
}

/** The environment of every command of Portage in the sandbox, whatever it works on. */
const PORTAGE_ENVIRONMENT = {
  ...PLAIN_ENVIRONMENT,
  HOME: '/root',
  // Root without capabilities cannot give files away, which tar otherwise tries.
  TAR_OPTIONS: '--no-same-owner',
  // The sandbox has one user, who is root in it and cannot change to another.
  PORTAGE_USERNAME: 'root',
  PORTAGE_GRPNAME: 'root',
  PORTAGE_ELOG_SYSTEM: 'echo',
  PORTAGE_IONICE_COMMAND: '',
  FEATURES,
  GENTOO_MIRRORS: '',
  FETCHCOMMAND: '/bin/false',
  RESUMECOMMAND: '/bin/false',
} as const;

/** The environment for binary packages: nothing is built, and what Portage writes is in memory. */
const PACKAGES_ENVIRONMENT = {
  ...PORTAGE_ENVIRONMENT,
  PORTAGE_TMPDIR: '/var/tmp',
  PORTAGE_DEPCACHEDIR: '/var/tmp/depcache',
  PORTAGE_LOGDIR: '/var/tmp/log',
  DISTDIR: '/var/tmp/distfiles',
} as const;

function portageEnvironment(paths: TrialPaths) {
  return {
    ...PORTAGE_ENVIRONMENT,
    PORTAGE_TMPDIR: paths.work,
    PORTAGE_DEPCACHEDIR: `${paths.work}/depcache`,
    PKGDIR: `${paths.work}/packages`,
    DISTDIR: paths.distfiles,
    PORTDIR_OVERLAY: paths.repository,
    PORTAGE_LOGDIR: `${paths.work}/log`,
    // An unprivileged process cannot go back to a higher priority than it has, for example under nice(1).
    PORTAGE_NICENESS: String(getPriority()),
  };
}
