/**
 * Python that runs inside the sandbox, passed with `python3 -c`. It is text here so that a bundle has it.
 *
 * The sandbox has one user, who is root in it and has no capabilities: pkgcore must not try to become another user.
 */
export const START = `
import os, runpy, shutil, sys
from snakeoil.process import spawn
spawn.is_userpriv_capable = lambda *_, **__: False
from pkgcore import os_data
os_data.portage_uid, os_data.portage_gid = os.getuid(), os.getgid()
# pkgcore starts tar with an empty environment, so TAR_OPTIONS does not reach it.
from snakeoil.compression import ArComp
for archive in set(ArComp.known_exts.values()):
    if "tar" in archive.binary:
        archive.default_unpack_cmd = archive.default_unpack_cmd.replace("{binary} xf", "{binary} --no-same-owner -xf")
`;

/**
 * Runs pkgcore's program argv[2] with the arguments after it, and its daemon through the link argv[1]. The daemon's
 * arguments and environment do not say the phase, so the link's name does. The install phase leaves standard output
 * closed, which Python would report as exit status 120 whether the phase succeeded or not.
 */
const RUN_PROGRAM = `${START}
import atexit
from pkgcore.ebuild import const
link = sys.argv[1]
if not os.path.islink(link):
    os.makedirs(os.path.dirname(link), exist_ok=True)
    os.symlink(os.path.dirname(const.EBUILD_DAEMON_PATH), link)
const.EBUILD_DAEMON_PATH = link + "/" + os.path.basename(const.EBUILD_DAEMON_PATH)
sys.argv = sys.argv[2:]
status = 0
try:
    runpy.run_path(sys.argv[0], run_name="__main__")
except SystemExit as stop:
    status = stop.code if isinstance(stop.code, int) else 0 if stop.code is None else 1
    if status and not isinstance(stop.code, int):
        print(stop.code, file=sys.stderr)
try:
    sys.stdout.flush()
except OSError:
    pass
atexit._run_exitfuncs()
os._exit(status)
`;

/**
 * pkgcore reads its settings from files only, so a folder of the trial extends the root's /etc/portage. It has links
 * to everything, a make.conf with the trial's settings, a repos.conf with the ebuild's repository, and a package.use
 * whose last line on the ebuild is USE of the environment.
 */
export const CONFIGURE = String.raw`
def configure(work, distfiles, repository, ebuild=None):
    folder = work + "/etc-portage"
    shutil.rmtree(folder, ignore_errors=True)
    for name in ("make.conf", "repos.conf", "package.use"):
        os.makedirs(folder + "/" + name)
    for name in os.listdir("/etc/portage"):
        source = os.path.realpath("/etc/portage/" + name)
        if name not in ("make.conf", "repos.conf", "package.use"):
            os.symlink(source, folder + "/" + name)
        elif os.path.isdir(source):
            for part in os.listdir(source):
                os.symlink(source + "/" + part, folder + "/" + name + "/" + part)
        elif name == "package.use":
            os.symlink(source, folder + "/" + name + "/00-root")
        else:
            os.symlink(source, folder + "/" + name + "/00-root.conf")
    with open(folder + "/make.conf/zz-trial.conf", "w") as file:
        for variable in ("FEATURES", "MAKEOPTS"):
            if variable in os.environ:
                file.write(variable + '="' + os.environ[variable] + '"\n')
        file.write('PORTAGE_TMPDIR="' + work + '"\n')
        if distfiles:
            file.write('DISTDIR="' + distfiles + '"\n')
    if ebuild and os.environ.get("USE"):
        # Files are read in the order of their names, and the later of two lines about a package counts.
        with open(folder + "/package.use/~trial", "w") as file:
            file.write("=" + ebuild + " " + os.environ["USE"] + "\n")
    with open(repository + "/profiles/repo_name") as file:
        repository_name = file.read().strip()
    with open(folder + "/repos.conf/zz-trial.conf", "w") as file:
        file.write("[" + repository_name + "]\nlocation = " + repository + "\n")
    return folder
`;

/**
 * Arguments: work, distfiles, repository, pebuild, ebuild, `afresh` or `on`, phases separated by commas. Each phase
 * has its own pebuild and daemon, so that a trace can tell the phases apart.
 */
export const RUN_PHASES = `import os, shutil, subprocess, sys
${CONFIGURE}
work, links, repository, pebuild, ebuild, start, phases = sys.argv[1:]
# pkgcore takes the size of a link for the size of the file.
distfiles = work + "/distfiles"
os.makedirs(distfiles, exist_ok=True)
for name in os.listdir(links) if os.path.isdir(links) else ():
    if os.path.isfile(links + "/" + name) and not os.path.exists(distfiles + "/" + name):
        shutil.copyfile(links + "/" + name, distfiles + "/" + name)
if start == "afresh":
    # It may be a mount point, of which only the content can be removed.
    shutil.rmtree(work + "/portage", ignore_errors=True)
category, file = ebuild.split("/")[-3], ebuild.split("/")[-1]
name = category + "/" + file[:-len(".ebuild")]
folder = configure(work, distfiles, repository, name)
build = work + "/portage/" + name
for phase in phases.split(","):
    command = [sys.executable, "-u", "-c", ${JSON.stringify(RUN_PROGRAM)}, work + "/phases/" + phase,
               pebuild, "--config", folder, ebuild, phase]
    status = subprocess.call(command)
    # pebuild also exits with 0 if a phase died, but only success leaves the mark that the next call looks for.
    if status == 0 and not os.path.exists(build + "/." + phase):
        status = 1
    if status:
        sys.exit(status if status > 0 else 128 - status)
`;

/** Starts the line of output that holds the metadata. */
export const METADATA_MARK = 'ebuild-audit-metadata:';

/** Arguments: work, distfiles, repository, category, package name, version. Prints one line of JSON after {@link METADATA_MARK}. */
export const PRINT_METADATA = String.raw`${START}
import json
${CONFIGURE}
work, distfiles, repository, category, name, version = sys.argv[1:]
from pkgcore.config import load_config
from pkgcore.ebuild.atom import atom
wanted = atom("=" + category + "/" + name + "-" + version)
config = load_config(location=configure(work, distfiles, repository, str(wanted)[1:]))
domain = config.get_default("domain")
def find(repositories):
    for candidate in repositories:
        if os.path.realpath(getattr(candidate, "location", "")) == os.path.realpath(repository):
            for package in candidate.itermatch(wanted, pkg_filter=None):
                return package
    sys.exit("pkgcore does not find " + str(wanted) + " in " + repository)
unconfigured = find(domain.source_repos_raw)
data = dict(unconfigured._fetch_metadata())
package = find(domain.ebuild_repos_unfiltered)
# pkgcore leaves the flags of implicit USE_EXPAND variables (PMS 5.3.4), such as elibc_glibc, to its evaluation.
def words(value):
    return value.split() if isinstance(value, str) else list(value or ())
defaults = domain.profile.default_env
unprefixed = words(defaults.get("USE_EXPAND_UNPREFIXED"))
implicit = {variable.lower() + "_" + word for variable in words(defaults.get("USE_EXPAND_IMPLICIT"))
            if variable not in unprefixed for word in words(defaults.get(variable))}
iuse = [flag.lstrip("+-") for flag in data.get("IUSE", "").split()]
forced, _, masked = domain.get_package_use_unconfigured(unconfigured)
prefixes = tuple(variable.lower() + "_" for variable in domain.profile.use_expand)
print("\n${METADATA_MARK}" + json.dumps({
    "eapi": str(package.eapi),
    "slot": data.get("SLOT", "0"),
    "dependencies": {variable: data.get(variable, "") for variable in ("DEPEND", "BDEPEND", "RDEPEND", "PDEPEND", "IDEPEND")},
    "requiredUse": data.get("REQUIRED_USE", ""),
    "restrict": data.get("RESTRICT", ""),
    "iuse": iuse,
    "fixedUse": [flag for flag in iuse if flag in forced or flag in masked],
    "expandedUse": [flag for flag in iuse if flag.startswith(prefixes)],
    "use": sorted((frozenset(package.use) & frozenset(package.iuse_effective)) | implicit),
    "inherited": sorted(package.inherited),
    "definedPhases": data.get("DEFINED_PHASES", "").split(),
    "distfiles": [file.filename for file in package.fetchables],
    "system": sorted(map(str, domain.profile.system)),
    "approximations": [],
}), flush=True)
`;
