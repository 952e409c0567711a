/** Binary packages that Portage's own classes write, for tests. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { privatePackageManager } from '../../server/src/package-manager/home.ts';
import { home } from '../support/world.ts';

/** A binary package. */
export interface MadePackage {
  /** `category/PF` */
  readonly id: string;
  /** Files by their paths in the image. A text that begins with `-> ` is a link. */
  readonly files: Readonly<Record<string, string | Uint8Array>>;
  readonly rdepend?: string;
  readonly slot?: string;
  /** Flags that it was built with, and all of IUSE. */
  readonly use?: string;
  readonly iuse?: string;
  readonly keywords?: string;
  /** The body of pkg_preinst; absent: it has none. */
  readonly preinst?: string;
  /** The body of pkg_postinst; absent: it has none. */
  readonly postinst?: string;
  readonly format?: 'gpkg' | 'xpak';
  /** The home of gpg with the secret key of test@example.org that signs it; absent: it has no signature. */
  readonly keys?: string;
}

/** Writes a package as Portage does; argv: folder of the image, file to write, metadata as JSON, format. */
const WRITE = `
import bz2, json, os, subprocess, sys
os.environ["PORTAGE_OVERRIDE_EPREFIX"] = ""
import portage.const
portage.const.GLOBAL_CONFIG_PATH = sys.prefix + "/share/portage/config"
import portage
from portage import gpkg, xpak
image, file, metadata, kind, keys = sys.argv[1:6]
metadata = {key: value.encode() for key, value in json.loads(metadata).items()}
metadata["environment.bz2"] = bz2.compress(metadata.pop("environment"))
settings = portage.config(clone=portage.settings)
settings["BINPKG_COMPRESS"] = "gzip"
settings.backup_changes("BINPKG_COMPRESS")
if keys:
    settings.features.add("binpkg-signing")
    for name, value in (("BASE_COMMAND", "gpg --sign --armor --yes [PORTAGE_CONFIG]"), ("GPG_HOME", keys), ("KEY", "test@example.org"), ("DIGEST", "SHA512")):
        settings["BINPKG_GPG_SIGNING_" + name] = value
        settings.backup_changes("BINPKG_GPG_SIGNING_" + name)
if kind == "gpkg":
    gpkg.gpkg(settings, os.path.basename(file)[:-9], file).compress(image, metadata)
else:
    subprocess.run(["tar", "-C", image, "-cjf", file, "."], check=True)
    xpak.tbz2(file).recompose_mem(xpak.xpak_mem(metadata))
`;

/**
 * Writes a package into a package folder.
 *
 * @returns its path
 */
export function makePackage(folder: string, made: MadePackage): string {
  const { id, format = 'gpkg' } = made;
  const [category = '', pf = ''] = id.split('/');
  const name = pf.replace(/-\d.*$/, '');
  const work = mkdtempSync(join(tmpdir(), 'ebuild-audit-package-'));
  const image = join(work, 'image');
  mkdirSync(image);
  try {
    for (const [path, content] of Object.entries(made.files)) {
      const place = image + path;
      mkdirSync(dirname(place), { recursive: true });
      if (typeof content === 'string' && content.startsWith('-> ')) symlinkSync(content.slice(3), place);
      else writeFileSync(place, content);
      if (typeof content !== 'string') chmodSync(place, 0o755);
    }
    const file =
      format === 'gpkg'
        ? join(folder, category, name, `${pf}-1.gpkg.tar`)
        : join(folder, category, name, `${pf}-1.xpak`);
    mkdirSync(dirname(file), { recursive: true });
    const python = join(privatePackageManager(home, 'portage'), 'bin/python3');
    const { status, stderr } = spawnSync(
      python,
      ['-c', WRITE, image, file, JSON.stringify(describe(made, category, pf)), format, made.keys ?? ''],
      { encoding: 'utf8', env: { PATH: process.env.PATH, HOME: work } },
    );
    if (status !== 0) throw new Error(`Portage cannot write ${id}: ${stderr}`);
    return file;
  } finally {
    rmSync(work, { recursive: true });
  }
}

/** The files of build-info, without those that only matter for merging. */
function describe(made: MadePackage, category: string, pf: string): Record<string, string> {
  const { rdepend = '', slot = '0', use = '', iuse = use, keywords = '~amd64' } = made;
  const phases = (['preinst', 'postinst'] as const).filter((phase) => made[phase] !== undefined);
  const functions = phases.map((phase) => `pkg_${phase}() {\n${made[phase]}\n}\n`).join('');
  const ebuild = `EAPI=8
DESCRIPTION="A test"
HOMEPAGE="https://example.org/"
LICENSE="MIT"
SLOT="${slot}"
KEYWORDS="${keywords}"
IUSE="${iuse}"
RDEPEND="${rdepend}"
${functions}`;
  return {
    CATEGORY: `${category}\n`,
    PF: `${pf}\n`,
    EAPI: '8\n',
    SLOT: `${slot}\n`,
    USE: `${use}\n`,
    IUSE: `${iuse}\n`,
    IUSE_EFFECTIVE: `${iuse}\n`,
    KEYWORDS: `${keywords}\n`,
    LICENSE: 'MIT\n',
    DESCRIPTION: 'A test\n',
    DEFINED_PHASES: `${phases.join(' ')}\n`,
    BUILD_ID: '1\n',
    BUILD_TIME: '1700000000\n',
    SIZE: '1\n',
    CHOST: 'x86_64-linux-gnu\n',
    FEATURES: '\n',
    repository: 'gentoo\n',
    ...(rdepend === '' ? {} : { RDEPEND: `${rdepend}\n` }),
    [`${pf}.ebuild`]: ebuild,
    environment: `declare -x EAPI="8"\n${functions}`,
  };
}
