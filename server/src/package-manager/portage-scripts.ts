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
sys.argv = sys.argv[1:]
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
