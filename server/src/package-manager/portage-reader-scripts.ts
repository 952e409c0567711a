/**
 * Python that asks Portage for binary packages. It runs inside the sandbox, passed with `python3 -c`, with a request in JSON as its first
 * argument, and prints one line of JSON after {@link PACKAGES_MARK}.
 */
import { START } from './portage-scripts.ts';

/** Starts the line of output that holds the answer, because Portage prints other lines too. */
export const PACKAGES_MARK = 'ebuild-audit-packages:';

const BEGIN = `${START}
import json, re
request = json.loads(sys.argv[1])
def hide_password(text):
    return re.sub(r"(?<=://)[^/?#\\s]*@", "", text)
def load_hosts(settings):
    from portage.binrepo.config import BinRepoConfigLoader
    return BinRepoConfigLoader([os.path.join(settings.global_config_path, "binrepos.conf"),
        os.path.join(settings["PORTAGE_CONFIGROOT"], "etc/portage/binrepos.conf")], settings)
def label(host):
    return host.name or hide_password(host.sync_uri)[:200]
# The sandbox has only one user, so gpg cannot become another; and it needs a folder that it may write to.
def allow_gpg(settings):
    import shutil, tempfile
    def configure(name, value):
        settings[name] = value
        settings.backup_changes(name)
    settings.unlock()
    configure("GPG_VERIFY_USER_DROP", "")
    configure("GPG_VERIFY_GROUP_DROP", "")
    keys = settings.get("BINPKG_GPG_VERIFY_GPG_HOME", "")
    own = os.path.join(tempfile.mkdtemp(), "gnupg")
    try:
        shutil.copytree(keys, own, ignore=shutil.ignore_patterns("S.*", "*.lock", ".#*"))
        os.chmod(own, 0o700)
        configure("BINPKG_GPG_VERIFY_GPG_HOME", own)
    except (OSError, shutil.Error):
        pass
def answer(value):
    print("\\n${PACKAGES_MARK}" + json.dumps(value), flush=True)
`;

/** Prints the package folder (PKGDIR) and the binhosts (binrepos.conf, PORTAGE_BINHOST) of the configuration, the first in priority last. */
export const PRINT_SOURCES = `${BEGIN}
import portage
settings = portage.settings
hosts = load_hosts(settings)
answer({
    "packageFolder": settings.get("PKGDIR", ""),
    "signatures": "demanded" if "binpkg-request-signature" in settings.features
        else "ignored" if "binpkg-ignore-signature" in settings.features else "checked",
    "binhosts": [{"name": label(host), "uri": host.sync_uri} for host in hosts.values()],
})
`;

/**
 * Resolves the dependencies of one ebuild with binary packages alone, as emerge --pretend --usepkgonly --onlydeps does.
 *
 * PKGDIR is a view of all package folders as one. Portage takes the index of a binhost from its own cache, where this script puts it, and is
 * told that the binhost is frozen, so that it asks no network.
 */
export const RESOLVE_PACKAGES = `${BEGIN}
import contextlib, io
from urllib.parse import urlparse
os.environ["EMERGE_WARNING_DELAY"] = "0"
import portage
from portage.dep import Atom
from portage.exception import PortageException
import portage.dbapi.bintree
from _emerge.actions import adjust_configs, load_emerge_config
from _emerge.create_depgraph_params import create_depgraph_params
from _emerge.depgraph import backtrack_depgraph, get_masking_status
from _emerge.main import parse_opts
from _emerge.stdout_spinner import stdout_spinner
portage._internal_caller = True
portage._doebuild_manifest_exempt_depend += 1
action, options, files = parse_opts(["--pretend", "--onlydeps", "--onlydeps-with-rdeps=y", "--onlydeps-with-ideps=y", "--usepkgonly",
    "--with-bdeps=y", "--autounmask=n", "--ignore-default-opts", "--quiet", "--color=n", request["ebuild"]], silent=True)
options["--usepkg"] = True
config = load_emerge_config(action=action, args=files, opts=options)
adjust_configs(config.opts, config.trees)
roots = config.target_config
bintree = roots.trees["bintree"]
allow_gpg(bintree.settings)
hosts = {index["uri"]: index["file"] for index in request["indexes"]}
kept = {}
for name, host in load_hosts(roots.settings).items():
    if host.sync_uri not in hosts:
        continue
    parts = urlparse(host.sync_uri)
    place = os.path.join(roots.settings["EROOT"], portage.const.CACHE_PATH, "binhost", parts.hostname or "", parts.path.lstrip("/"))
    os.makedirs(place, exist_ok=True)
    with open(hosts[host.sync_uri], "rb") as index, open(os.path.join(place, "Packages"), "wb") as copy:
        copy.write(index.read())
    if hasattr(host, "frozen"):
        host.frozen = True
    kept[name] = host
# Whenever Portage reads packages of binhosts, it reads their configuration anew.
portage.dbapi.bintree.BinRepoConfigLoader = lambda paths, settings: kept
said = io.StringIO()
with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
    bintree.populate(getbinpkgs=bool(kept), getbinpkg_refresh=False, force_reindex=not request["isIndexed"])
    reasons = dict(re.findall(r"!!! Invalid binary package: '(.*?)'(?:, (.*))?$", said.getvalue(), re.MULTILINE))
    spinner = stdout_spinner()
    spinner.update = lambda *words, **more: True
    def resolve():
        success, found, favorites = backtrack_depgraph(roots.settings, config.trees, config.opts,
            create_depgraph_params(config.opts, action), action, files, spinner)
        if not success:
            found.display_problems()
        return success, found
    is_whole, graph = resolve()
    success, chosen = is_whole, graph
    if not is_whole:
        # An ebuild is built although what only runs is lacking.
        for kind in ("rdeps", "ideps"):
            config.opts["--onlydeps-with-" + kind] = "n"
        success, chosen = resolve()
bindb = bintree.dbapi
def describe(package):
    cpv = package.cpv
    described = {"id": str(cpv), "slot": str(package.slot), "buildId": package.build_id or 0, "use": sorted(package.use.enabled)}
    remote = (bintree._remotepkgs or {}).get(bindb._instance_key(cpv))
    if remote is None or not bintree.isremote(cpv):
        return {**described, "file": os.path.realpath(bintree.getname(cpv))}
    path = remote.get("PATH") or str(cpv) + ".tbz2"
    host = next((host for host in kept.values() if host.sync_uri.rstrip("/") + "/Packages" == remote.get("PKGINDEX_URI")), None)
    return {**described, "remote": {"uri": hide_password(remote["BASE_URI"].rstrip("/") + "/" + path), "size": int(remote.get("SIZE") or -1),
        "sums": {kind: remote[kind] for kind in ("MD5", "SHA1", "SHA256", "SHA512", "BLAKE2B") if kind in remote},
        "binhost": label(host) if host else "", "signed": bool(host and host.verify_signature)}}
def explain(atom, parent):
    atom = Atom(atom) if not isinstance(atom, Atom) else atom
    found = list(bindb.cp_list(atom.cp))
    reasons = []
    kind = "absent"
    if found:
        kind = "version"
        matching = [cpv for cpv in found if portage.dep.match_from_list(atom.without_use, [cpv])]
        for cpv in matching:
            package = graph._pkg(cpv, "binary", roots)
            masks = get_masking_status(package, roots.settings, roots)
            if masks:
                kind = "masked"
                reasons.append(str(cpv) + " is masked by " + ", ".join(masks))
            else:
                kind = "use"
                reasons.append(str(cpv) + " was built with USE=\\"" + " ".join(sorted(package.use.enabled)) + "\\"")
        if not matching:
            reasons = [str(cpv) for cpv in found]
    portdb = roots.trees["porttree"].dbapi
    offered = "visible" if portdb.xmatch("match-visible", atom) else "masked" if portdb.xmatch("match-all", atom.without_use) else "none"
    needed_by = None if parent is None or parent.onlydeps or not hasattr(parent, "cpv") else str(parent.cpv)
    return {"atom": str(atom), "neededBy": needed_by, "kind": kind, "offered": offered, "reasons": reasons[:5]}
lacking = []
if not is_whole:
    for text in request["atoms"]:
        atom = Atom(text).evaluate_conditionals(frozenset(request["enabled"]))
        found = [graph._pkg(cpv, "binary", roots) for cpv in bindb.match(atom)]
        if not any(package.visible for package in found):
            lacking.append(explain(atom, None))
    for (root, atom), details in graph._dynamic_config._unsatisfied_deps_for_display:
        try:
            explained = explain(atom, details.get("myparent"))
            if explained["neededBy"] is not None or not lacking:
                lacking.append(explained)
        except (AttributeError, KeyError, PortageException) as error:
            lacking.append({"atom": str(atom), "neededBy": None, "kind": "absent", "offered": "visible", "reasons": [str(error)]})
operations = [] if not success else [package for package in chosen.altlist() if hasattr(package, "type_name")]
answer({
    "packages": [describe(package) for package in operations if package.type_name == "binary" and package.operation == "merge"],
    "removed": [str(package.cpv) for package in operations if package.operation == "uninstall"],
    "lacking": lacking,
    "unreadable": [{"file": os.path.realpath(path), "reason": reasons.get(path, "")[:200]}
        for paths in bintree.invalid_paths.values() for path in paths],
    "success": bool(success),
    "said": hide_password(said.getvalue()[-4000:]),
})
`;

/**
 * Opens one binary package: its image and its metadata become folders. Portage checks the sums of a gpkg, and its signatures as the
 * configuration or the binhost asks; the same class refuses names that lead out, device nodes and names that come twice.
 */
export const UNPACK_PACKAGE = `${BEGIN}
import subprocess, tarfile
import portage
from portage.binpkg import get_binpkg_format
from portage.gpkg import gpkg, tar_safe_extract
portage._internal_caller = True
package, into = request["package"], request["into"]
image, record = os.path.join(into, "image"), os.path.join(into, "record")
os.makedirs(image)
os.makedirs(record)
settings = portage.config(clone=portage.settings)
allow_gpg(settings)
def fail(error):
    answer({"error": type(error).__name__ + ": " + " ".join(str(error).split())[:400]})
    sys.exit(0)
try:
    if get_binpkg_format(package, check_file=True) == "gpkg":
        opened = gpkg(settings, None, package, verify_signature=True if request["signed"] else None)
        opened.unpack_metadata(record)
        opened.decompress(image)
    else:
        if request["signed"] or "binpkg-request-signature" in settings.features:
            raise ValueError("a signature is asked for, which a package in the format xpak cannot have")
        opened = portage.xpak.tbz2(package)
        opened.scan()
        length = opened.filestat.st_size - opened.xpaksize
        opened.unpackinfo(record)
        from portage.util.compression_probe import compression_probe
        kind = compression_probe(package)
        words = [kind, "-dc"] if kind in ("gzip", "bzip2", "xz", "zstd", "lz4", "lzip", "lzop") else ["cat"]
        head = subprocess.Popen(["head", "-c", str(length), "--", package], stdout=subprocess.PIPE)
        content = subprocess.Popen(words, stdin=head.stdout, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        with tarfile.open(mode="r|", fileobj=content.stdout) as archive:
            tar_safe_extract(archive, "").extractall(image)
    answer({})
except FileNotFoundError as error:
    if os.path.basename(str(error.filename)) == "gpg":
        error = FileNotFoundError("the root has no gpg, which checks signatures: install app-crypt/gnupg there")
    fail(error)
except Exception as error:
    fail(error)
`;

/**
 * Lays the image of a package from the files of the view, and afterwards puts what pkg_preinst has changed in it into the view, as merging
 * would.
 */
const IMAGES = `
def lay_image(vardb, package, image):
    for path, (kind, *_) in sorted(vardb._dblink(package).getcontents().items()):
        place = image + path
        if kind == "dir":
            os.makedirs(place, exist_ok=True)
        elif kind in ("obj", "sym") and os.path.lexists(path):
            os.makedirs(os.path.dirname(place), exist_ok=True)
            shutil.copy2(path, place, follow_symlinks=False)
def look(image):
    found = {}
    for folder, folders, files in os.walk(image):
        for name in files + [name for name in folders if os.path.islink(os.path.join(folder, name))]:
            place = os.path.join(folder, name)
            stats = os.lstat(place)
            found[place[len(image):]] = (stats.st_mode, stats.st_size, stats.st_mtime_ns, stats.st_ino)
    return found
def merge_changes(image, before):
    after = look(image)
    for path in before.keys() - after.keys():
        os.unlink(path)
    for path in (path for path, stats in after.items() if before.get(path) != stats):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        if os.path.lexists(path):
            os.unlink(path)
        shutil.copy2(image + path, path, follow_symlinks=False)
`;

/**
 * Adds the users and groups of sysusers.d(5) that are lacking. The user of the sandbox is not root, so the functions of acct-user.eclass and
 * acct-group.eclass add none; a build may name them in fowners. An account without a fixed number gets the next free one of the system's.
 */
const ACCOUNTS = `
import shlex
def read_accounts(name, fields):
    with open("/etc/" + name) as lines:
        found = [line.rstrip("\\n").split(":") for line in lines]
    return [line for line in found if len(line) == fields]
def choose_number(asked, taken):
    number = int(asked) if asked.isdigit() else 999
    while number in taken and number > 0:
        number = number - 1 if number < 1000 else 999
    taken.add(number)
    return str(number)
def add_accounts(files):
    users, groups = read_accounts("passwd", 7), read_accounts("group", 4)
    before = (repr(users), repr(groups))
    numbers = [{int(line[2]) for line in lines if line[2].isdigit()} for lines in (users, groups)]
    by_name = {line[0]: line for line in groups}
    def add_group(name, asked="-"):
        if name not in by_name:
            by_name[name] = [name, "x", choose_number(asked, numbers[1]), ""]
            groups.append(by_name[name])
        return by_name[name]
    entries = []
    for file in files:
        with open(file, errors="replace") as lines:
            entries += [shlex.split(line) for line in lines if line.strip() and not line.startswith("#")]
    for entry in sorted(entries, key=lambda entry: "gum".find(entry[0][:1])):
        kind, name, asked, comment, home, shell = (entry + ["-"] * 6)[:6]
        if any(":" in word or "\\n" in word for word in (name, comment, home, shell)):
            continue
        if kind.startswith("g"):
            add_group(name, asked)
        elif kind.startswith("u") and name not in {line[0] for line in users}:
            number, _, group = asked.partition(":")
            number = choose_number(number, numbers[0])
            if not group.isdigit():
                group = add_group(group if group not in ("", "-") else name, number)[2]
            users.append([name, "x", number, group, "" if comment == "-" else comment,
                "/" if home == "-" else home, "/sbin/nologin" if shell == "-" else shell])
        elif kind == "m":
            members = add_group(asked)
            members[3] = ",".join(dict.fromkeys([*filter(None, members[3].split(",")), name]))
    for name, lines, old in (("passwd", users, before[0]), ("group", groups, before[1])):
        if repr(lines) == old:
            continue
        with open("/etc/" + name + ".own", "w") as file:
            file.writelines(":".join(line) + "\\n" for line in lines)
        os.chmod("/etc/" + name + ".own", 0o644)
        os.rename("/etc/" + name + ".own", "/etc/" + name)
`;

/**
 * Does in a view of the whole stack what merging would do besides laying files: the accounts, pkg_preinst and pkg_postinst of each package in
 * the order of merging, and Portage's own env-update, which writes profile.env, ld.so.conf and ld.so.cache.
 */
export const SETTLE_PACKAGES = `${BEGIN}
import shutil, tempfile
import portage
from portage.package.ebuild.doebuild import doebuild, doebuild_environment
from portage.util.env_update import env_update
portage._internal_caller = True
trees = portage.db[portage.settings["EROOT"]]
vartree = trees["vartree"]
records = tempfile.mkdtemp()
failed = []
${IMAGES}
${ACCOUNTS}
def run_phase(phase, ebuild, settings):
    return doebuild(ebuild, phase, settings=settings, tree="vartree", mydbapi=vartree.dbapi, vartree=vartree)
def run_preinst(ebuild, settings):
    doebuild_environment(ebuild, "preinst", settings=settings, db=vartree.dbapi)
    image = settings["D"].rstrip("/")
    os.makedirs(image, exist_ok=True)
    lay_image(vartree.dbapi, settings.mycpv, image)
    before = look(image)
    status = run_phase("preinst", ebuild, settings)
    if status == os.EX_OK:
        merge_changes(image, before)
    shutil.rmtree(image, ignore_errors=True)
    return status
def settle(package):
    phases = [phase for phase in ("preinst", "postinst") if phase in vartree.dbapi.aux_get(package, ["DEFINED_PHASES"])[0].split()]
    # Portage saves the environment of a phase beside the ebuild, and the VDB of the view cannot be written to.
    record = os.path.join(records, package)
    ebuild = os.path.join(record, package.split("/")[1] + ".ebuild")
    if phases:
        shutil.copytree(vartree.getpath(package), record)
    if not os.path.exists(ebuild):
        return
    settings = portage.config(clone=portage.settings)
    for phase in phases:
        try:
            settings.setcpv(package, mydb=vartree.dbapi)
            status = run_preinst(ebuild, settings) if phase == "preinst" else run_phase(phase, ebuild, settings)
        except Exception as error:
            status = str(error)
        if status != os.EX_OK:
            failed.append("pkg_" + phase + " of " + package)
            break
try:
    installed = [path for package in request["packages"] for path in vartree.dbapi._dblink(package).getcontents()]
    add_accounts(sorted(path for path in installed if path.startswith("/usr/lib/sysusers.d/") and path.endswith(".conf")))
except Exception as error:
    failed.append("adding users and groups (" + " ".join(str(error).split()) + ")")
for package in request["packages"]:
    settle(package)
# Portage gives a file that it writes anew the owner of the old one, who may be a stranger in the sandbox.
for name in ("profile.env", "csh.env", "ld.so.conf", "environment.d/10-gentoo-env.conf"):
    path = os.path.join(portage.settings["EROOT"], "etc", name)
    if os.path.isfile(path):
        shutil.copyfile(path, path + ".own")
        os.rename(path + ".own", path)
try:
    os.makedirs(os.path.join(portage.settings["EROOT"], portage.const.PRIVATE_PATH), exist_ok=True)
    env_update(target_root=portage.settings["ROOT"], env=portage.settings, vardbapi=vartree.dbapi)
except Exception as error:
    failed.append("env-update (" + " ".join(str(error).split()) + ")")
answer({"failed": failed})
`;
