import type { Command } from './command.ts';
import { CONFIGURE, START } from './pkgcore-scripts.ts';
import { PLAIN_ENVIRONMENT } from './plain-environment.ts';
import type { PackageManagerFiles, TrialPaths } from './port.ts';

/** An installation of pkgcheck (pkgcheck(1)), Gentoo's checker of repositories, as the sandbox sees it. */
export interface Pkgcheck {
  readonly version: string;
  readonly files: PackageManagerFiles;
  /** Scans one ebuild and prints one JSON object a line, see `parsePkgcheckLine`. It sources the ebuild with bash. */
  scanCommand(paths: TrialPaths): Command;
}

/** The place of an installation. */
export interface PkgcheckInstallation {
  readonly version: string;
  /** A Python that can import `pkgcheck`. */
  readonly python: string;
  readonly files: PackageManagerFiles;
}

/**
 * Arguments: work, repository, ebuild. pkgcheck always reads /etc/portage, so it is given the trial's copy with its
 * additions. Its JsonStream only has the attributes of a result, so the level and the message are added to each.
 */
const SCAN = `${START}
${CONFIGURE}
work, repository, ebuild = sys.argv[1:]
folder = configure(work, "", repository)
from pkgcore.util import commandline
load_config = commandline.load_config
commandline.load_config = lambda *words, **named: load_config(*words, **{**named, "location": folder})
from pkgcheck.reporters import JsonStream
from pkgcheck.results import Result
attributes = JsonStream.to_json
def to_json(value):
    data = attributes(value)
    if isinstance(value, Result):
        data = {**data, "__level__": value.level, "__message__": value.desc}
    return data
JsonStream.to_json = staticmethod(to_json)
os.chdir(repository)
# The history of a repository takes minutes to read, and only checks of commits use it.
sys.argv = ["pkgcheck", "scan", "--cache-dir", work + "/pkgcheck", "--cache=-git", "--jobs", "1", "--reporter", "JsonStream",
             "--repo", repository, ebuild]
from pkgcheck.scripts import run
run("pkgcheck")
`;

/** Makes the interface to an installation of pkgcheck. */
export function createPkgcheck({ version, python, files }: PkgcheckInstallation): Pkgcheck {
  return {
    version,
    files,
    scanCommand: ({ work, repository, ebuild }) => ({
      argv: [python, '-c', SCAN, work, repository, ebuild],
      environment: { ...PLAIN_ENVIRONMENT, HOME: work, XDG_CACHE_HOME: `${work}/cache` },
    }),
  };
}
