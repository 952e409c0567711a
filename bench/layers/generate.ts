import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { privatePackageManager, stateFolder } from '../../server/src/package-manager/home.ts';

/** What to make. */
export interface Generated {
  readonly packages: number;
  /** Of each package, in {@link FOLDERS} folders. */
  readonly files: number;
  /** The folder that gets the binary packages. */
  readonly packageFolder: string;
  /** A root that gets the packages installed; absent: none does. */
  readonly root?: string;
}

/** The folders of one package that its files lie in. */
const FOLDERS = 10;

/** Names of the packages, without the category. */
const nameOf = (number: number): string => `layer${number}`;

/**
 * Writes gpkg packages with Portage's own class, and the same packages into the VDB and the folders of a root. Each file has a content of its
 * own. The folders of some packages are shared with the next ones, as those of real packages are.
 */
const WRITE = `
import hashlib, json, os, random, shutil, sys, tempfile
os.environ["PORTAGE_OVERRIDE_EPREFIX"] = ""
import portage.const
portage.const.GLOBAL_CONFIG_PATH = sys.prefix + "/share/portage/config"
import portage
from portage import gpkg
request = json.loads(sys.argv[1])
settings = portage.config(clone=portage.settings)
settings["BINPKG_COMPRESS"] = "gzip"
settings.backup_changes("BINPKG_COMPRESS")
chance = random.Random(1)
for number in range(request["packages"]):
    pn = f"layer{number}"
    pf = pn + "-1"
    work = tempfile.mkdtemp()
    image = os.path.join(work, "image")
    contents = []
    made = set()
    def folder(path):
        if path in made or path == "":
            return
        folder(os.path.dirname(path) if path.count("/") > 1 else "")
        made.add(path)
        os.makedirs(image + path, exist_ok=True)
        contents.append("dir " + path)
    for index in range(request["files"]):
        inner = "include" if index == 0 else f"share/layers/group{number // 10}/{pn}/{index % ${FOLDERS}}"
        name = f"{pn}.h" if index == 0 else f"file{index}"
        folder("/usr/" + inner)
        path = f"/usr/{inner}/{name}"
        content = (f"#define LAYER{number} {number}\\n" if index == 0 else f"{pn} {index}\\n" * chance.randrange(1, 120)).encode()
        with open(image + path, "wb") as file:
            file.write(content)
        os.utime(image + path, (1700000000, 1700000000))
        contents.append(f"obj {path} {hashlib.md5(content).hexdigest()} 1700000000")
    metadata = {"CATEGORY": "dev-test", "PF": pf, "EAPI": "8", "SLOT": "0", "USE": "", "IUSE": "", "IUSE_EFFECTIVE": "", "KEYWORDS": "~amd64",
        "LICENSE": "MIT", "DESCRIPTION": "A layer", "DEFINED_PHASES": "-", "BUILD_ID": "1", "BUILD_TIME": "1700000000", "SIZE": "1",
        "CHOST": "x86_64-linux-gnu", "FEATURES": "", "repository": "gentoo",
        pf + ".ebuild": "EAPI=8\\nDESCRIPTION=\\"A layer\\"\\nSLOT=0\\nLICENSE=MIT\\nKEYWORDS=\\"~amd64\\""}
    metadata = {key: (value + "\\n").encode() for key, value in metadata.items()}
    place = os.path.join(request["packageFolder"], "dev-test", pn, pf + "-1.gpkg.tar")
    os.makedirs(os.path.dirname(place), exist_ok=True)
    gpkg.gpkg(settings, pf, place).compress(image, metadata)
    if "root" in request:
        shutil.copytree(image, request["root"], dirs_exist_ok=True)
        vdb = os.path.join(request["root"], "var/db/pkg/dev-test", pf)
        os.makedirs(vdb)
        for key, value in {**metadata, "COUNTER": b"0\\n", "CONTENTS": ("\\n".join(contents) + "\\n").encode()}.items():
            with open(os.path.join(vdb, key), "wb") as file:
                file.write(value)
    shutil.rmtree(work)
`;

/** Makes packages. Throws an Error with Portage's words if it cannot. */
export function generatePackages(generated: Generated): void {
  mkdirSync(generated.packageFolder, { recursive: true });
  const home = stateFolder(process.env, process.geteuid?.() ?? 0);
  const python = join(privatePackageManager(home, 'portage'), 'bin/python3');
  const { status, stderr } = spawnSync(python, ['-c', WRITE, JSON.stringify(generated)], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`The packages cannot be made: ${stderr}`);
}

/**
 * Writes an ebuild that needs the first packages, and uses one of them.
 *
 * @param packages 0 for an ebuild without dependencies
 * @returns its path
 */
export function writeEbuild(repository: string, packages: number): string {
  const name = packages === 0 ? 'none' : `needs${packages}`;
  const atoms = Array.from({ length: packages }, (_, number) => `\tdev-test/${nameOf(number)}`);
  const compile = packages === 0 ? 'gcc -E - </dev/null' : `gcc -E -include ${nameOf(0)}.h - </dev/null`;
  const file = join(repository, `dev-test/${name}/${name}-1.ebuild`);
  const files = {
    [file]: `EAPI=8
DESCRIPTION="Measures layers"
HOMEPAGE="https://example.org/"
S="\${WORKDIR}"
LICENSE="MIT"
SLOT="0"
KEYWORDS="~amd64"
DEPEND="
${atoms.join('\n')}
"
src_compile() {
	${compile} >/dev/null || die
}
`,
    [join(repository, 'metadata/layout.conf')]:
      'masters = gentoo\nthin-manifests = true\nsign-manifests = false\n',
    [join(repository, 'profiles/repo_name')]: 'layers\n',
    [join(repository, 'profiles/categories')]: 'dev-test\n',
  };
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  return file;
}
