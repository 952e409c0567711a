/**
 * Python that runs inside the sandbox, passed with `python3 -c`. It is text here so that a bundle has it.
 *
 * Portage from PyPI looks for everything, from make.globals to /etc/portage, below its virtual environment. An empty
 * prefix makes it read the root's configuration; its own make.globals then has to be named.
 */
export const START = `
import os, sys
os.environ["PORTAGE_OVERRIDE_EPREFIX"] = os.environ.get("PORTAGE_OVERRIDE_EPREFIX", "")
import portage.const
if not os.path.isdir(portage.const.GLOBAL_CONFIG_PATH):
    portage.const.GLOBAL_CONFIG_PATH = sys.prefix + "/share/portage/config"
`;

/** Runs Portage's program argv[1] with the arguments after it. */
export const RUN_PROGRAM = `${START}
import runpy
from portage.dbapi.porttree import portdbapi
sys.argv = sys.argv[1:]
# ebuild(1) sources an ebuild again whose metadata it does not know yet, after the environment of the phases before. Each step has an empty
# cache of metadata, and the variables that those phases have set would be lost.
pull = portdbapi._pull_valid_cache
def pull_for_phases(self, *words, **more):
    found = pull(self, *words, **more)
    is_asked_by_program = sys._getframe(1).f_code.co_filename == sys.argv[0]
    return ({}, *found[1:]) if found[0] is None and is_asked_by_program else found
portdbapi._pull_valid_cache = pull_for_phases
runpy.run_path(sys.argv[0], run_name="__main__")
`;

/** Starts the line of output that holds the metadata, because eclasses and Portage print other lines too. */
export const METADATA_MARK = 'ebuild-audit-metadata:';

/** Arguments: repository, category, PF. Prints one line of JSON after {@link METADATA_MARK}. */
export const PRINT_METADATA = `${START}
import json
import portage
from portage.versions import _pkg_str
repository, category, pf = sys.argv[1:4]
repository = os.path.realpath(repository)
portage._internal_caller = True
# The text under trial may differ from what the Manifest describes.
portage._doebuild_manifest_exempt_depend += 1
database = portage.portdb
repository_name = database.getRepositoryName(repository)
if repository_name is None:
    sys.exit("Portage does not take " + repository + " for a repository")
keys = ["EAPI", "SLOT", "DEPEND", "BDEPEND", "RDEPEND", "PDEPEND", "IDEPEND", "IUSE", "INHERITED", "KEYWORDS",
        "REQUIRED_USE", "RESTRICT", "PROPERTIES", "LICENSE", "SRC_URI", "DEFINED_PHASES", "repository"]
cpv = category + "/" + pf
metadata = dict(zip(keys, database.aux_get(cpv, keys, mytree=repository)))
metadata["repository"] = repository_name
settings = portage.config(clone=database.doebuild_settings)
package = _pkg_str(cpv, metadata=metadata, settings=settings, db=database)
settings.setcpv(package, mydb=metadata)
use = settings["PORTAGE_USE"].split()
iuse = [flag.lstrip("+-") for flag in metadata["IUSE"].split()]
prefixes = tuple(variable.lower() + "_" for variable in settings["USE_EXPAND"].split())
print("\\n${METADATA_MARK}" + json.dumps({
    "eapi": metadata["EAPI"],
    "slot": metadata["SLOT"],
    "dependencies": {variable: metadata[variable] for variable in ("DEPEND", "BDEPEND", "RDEPEND", "PDEPEND", "IDEPEND")},
    "requiredUse": metadata["REQUIRED_USE"],
    "restrict": metadata["RESTRICT"],
    "iuse": iuse,
    "fixedUse": [flag for flag in iuse if flag in settings.useforce or flag in settings.usemask],
    "expandedUse": [flag for flag in iuse if flag.startswith(prefixes)],
    "use": use,
    "inherited": metadata["INHERITED"].split(),
    "definedPhases": metadata["DEFINED_PHASES"].split(),
    "distfiles": list(database.getFetchMap(cpv, useflags=use, mytree=repository)),
    "system": [atom[1:] for atom in settings.packages if atom.startswith("*")],
    "approximations": [],
}), flush=True)
`;

/** Starts the line of output that holds the metadata of a binary package. */
export const PACKED_MARK = 'ebuild-audit-packed:';

/**
 * Arguments: the folder of additions, BUILD_ID, Portage's program `ebuild`, the ebuild. Packs what the phases up to `install` have left, in place
 * of the phase `package`, so that no code of the ebuild runs but the evaluation.
 *
 * The phases may have run with a text without dependencies and description. So Portage's own functions write the metadata that depend on them
 * anew, and those of the description and the ebuild are written as at the end of `install`. The configuration says how to compress; if the root lacks that program, another one does it.
 * The program of the phase would ask the configuration again.
 */
export const PACK = `${START}
import io, shutil
additions, build_id, program, ebuild = sys.argv[1:5]
wanted = portage.config().get("BINPKG_COMPRESS", "zstd")
found = [name for name in (wanted, "zstd", "xz", "bzip2", "gzip") if shutil.which(name)]
os.environ["BINPKG_COMPRESS"] = found[0] if found else "none"
import portage.gpkg
import portage.package.ebuild.doebuild as doebuild
from portage.util.install_mask import InstallMask, install_mask_dir
spawn = doebuild.spawnebuild

def read_folder(folder):
    files = {}
    for name in os.listdir(folder):
        path = os.path.join(folder, name)
        if os.path.isfile(path):
            with open(path, "rb") as file:
                files[name] = file.read()
    return files

def pack(settings):
    info = os.path.join(settings["PORTAGE_BUILDDIR"], "build-info")
    doebuild._post_src_install_write_metadata(settings)
    doebuild._post_src_install_soname_symlinks(settings, io.StringIO())
    shutil.copyfile(settings["EBUILD"], os.path.join(info, settings["PF"] + ".ebuild"))
    metadata = read_folder(info)
    described = ["DESCRIPTION", "KEYWORDS"]
    repository = os.path.dirname(os.path.dirname(os.path.dirname(settings["EBUILD"])))
    for name, value in zip(described, portage.portdb.aux_get(settings.mycpv, described, mytree=repository)):
        metadata.pop(name, None)
        if value.split():
            metadata[name] = (" ".join(value.split()) + "\\n").encode()
    metadata.update(read_folder(additions))
    metadata["BUILD_ID"] = build_id.encode()
    mask = metadata.get("PKG_INSTALL_MASK", b"").decode()
    if mask.strip():
        install_mask_dir(os.path.join(settings["D"], settings["EPREFIX"].lstrip("/")), InstallMask(mask))
    package = portage.gpkg.gpkg(settings, settings["PF"] + "-" + build_id, settings["PORTAGE_BINPKG_TMPFILE"])
    package.compress(settings["D"], metadata)

def pack_or_spawn(phase, actions, settings, *rest, **named):
    if phase != "package":
        return spawn(phase, actions, settings, *rest, **named)
    pack(settings)
    return 0

doebuild.spawnebuild = pack_or_spawn
sys.argv = [program, "--skip-manifest", ebuild, "package"]
import runpy
runpy.run_path(program, run_name="__main__")
`;

/** Arguments: the package, and the names of the entries to digest. Prints one line of JSON after {@link PACKED_MARK}. */
export const READ_PACKED = `${START}
import hashlib, json
import portage.gpkg
file, *names = sys.argv[1:]
metadata = portage.gpkg.gpkg(portage.config(), None, file).get_metadata()
def text(name):
    return metadata.get(name, b"").decode("utf-8", "replace").strip()
print("\\n${PACKED_MARK}" + json.dumps({
    "category": text("CATEGORY"),
    "packageAndVersion": text("PF"),
    "buildId": text("BUILD_ID"),
    "additions": {name: hashlib.sha256(metadata[name]).hexdigest() for name in names if name in metadata},
}), flush=True)
`;
