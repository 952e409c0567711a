/** Binary packages that Portage refuses to write, and with whatever Portage refuses to put into them. */
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { privatePackageManager } from '../../server/src/package-manager/home.ts';
import { home } from '../support/world.ts';

/** A member of the image of a package. */
export interface ImageMember {
  /** Below the image; a byte that is no UTF-8 is a lone surrogate, as Python writes it: `\udcff`. */
  readonly name: string;
  readonly type?: 'file' | 'folder' | 'link' | 'hardlink' | 'device' | 'fifo';
  readonly to?: string;
  readonly mode?: number;
  readonly text?: string;
  /** Zeros after the text, in bytes. */
  readonly zeros?: number;
}

export interface HostilePackage {
  /** `category/PF`, as the name of its file says. */
  readonly id: string;
  readonly image?: readonly ImageMember[];
  /** So many empty files `many/NUMBER` besides. */
  readonly many?: number;
  /** Metadata besides, or instead of, the usual. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Members of the metadata archive besides; only in a gpkg. */
  readonly record?: readonly ImageMember[];
  readonly format?: 'gpkg' | 'xpak';
}

/** argv: file, package as JSON, root folder of Portage's module. Everything that GLEP 78 asks for is right except what is hostile. */
const WRITE = `
import hashlib, io, json, os, subprocess, sys, tarfile
file, made = sys.argv[1], json.loads(sys.argv[2])
types = dict(file=tarfile.REGTYPE, folder=tarfile.DIRTYPE, link=tarfile.SYMTYPE, hardlink=tarfile.LNKTYPE, device=tarfile.BLKTYPE, fifo=tarfile.FIFOTYPE)
class Zeros(io.RawIOBase):
    def __init__(self, start, size):
        self.start, self.left = start, size
    def readable(self):
        return True
    def read(self, size=-1):
        part = self.start[:size] if self.start else bytes(min(size, self.left))
        self.start = self.start[len(part):]
        self.left -= len(part)
        return part
def add(tar, prefix, member):
    info = tarfile.TarInfo(prefix + member["name"])
    info.type = types[member.get("type", "file")]
    info.linkname = member.get("to", "")
    if info.type == tarfile.LNKTYPE and info.linkname.startswith("@"):
        info.linkname = prefix + info.linkname[1:]
    info.mode = member.get("mode", 0o755)
    info.devmajor, info.devminor = 8, 0
    text = member.get("text", "").encode("utf-8", "surrogateescape")
    info.size = len(text) + member.get("zeros", 0)
    tar.addfile(info, Zeros(text, info.size))
def pack(prefix, members, many=0):
    program = subprocess.Popen(["gzip", "-1"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    import threading
    parts = []
    reader = threading.Thread(target=lambda: parts.append(program.stdout.read()))
    reader.start()
    with tarfile.open(fileobj=program.stdin, mode="w|", format=tarfile.PAX_FORMAT, errors="surrogateescape") as tar:
        for member in members:
            add(tar, prefix, member)
        for number in range(many):
            add(tar, prefix, {"name": "many-%d" % number})
    program.stdin.close()
    reader.join()
    program.wait()
    return parts[0]
metadata = made["metadata"]
many = made.get("many", 0)
if made.get("format") == "xpak":
    from portage import xpak
    with open(file, "wb") as out:
        out.write(pack("./", made.get("image", []), many))
    xpak.tbz2(file).recompose_mem(xpak.xpak_mem({key: value.encode() for key, value in metadata.items()}))
    sys.exit(0)
base = os.path.basename(file)[:-len(".gpkg.tar")]
parts = {
    "metadata.tar.gz": pack("metadata/", [{"name": key, "text": value, "mode": 0o644} for key, value in metadata.items()] + made.get("record", [])),
    "image.tar.gz": pack("image/", [{"name": "", "type": "folder"}] + made.get("image", []), many),
}
manifest = "".join("DATA %s %d SHA512 %s BLAKE2B %s\\n" % (name, len(data), hashlib.sha512(data).hexdigest(), hashlib.blake2b(data).hexdigest())
    for name, data in [("gpkg-1", b""), *parts.items()])
with tarfile.open(file, "w", format=tarfile.USTAR_FORMAT) as tar:
    for name, data in [("gpkg-1", b""), *parts.items(), ("Manifest", manifest.encode())]:
        info = tarfile.TarInfo(base + "/" + name)
        info.size = len(data)
        tar.addfile(info, io.BytesIO(data))
`;

/** Writes a package into a package folder. @returns its path */
export function makeHostilePackage(folder: string, made: HostilePackage): string {
  const [category = '', pf = ''] = made.id.split('/');
  const file = join(
    folder,
    category,
    pf.replace(/-\d.*$/, ''),
    `${pf}-1.${made.format === 'xpak' ? 'xpak' : 'gpkg.tar'}`,
  );
  mkdirSync(dirname(file), { recursive: true });
  const metadata = {
    CATEGORY: `${category}\n`,
    PF: `${pf}\n`,
    EAPI: '8\n',
    SLOT: '0\n',
    KEYWORDS: '~amd64\n',
    LICENSE: 'MIT\n',
    DESCRIPTION: 'A test\n',
    DEFINED_PHASES: '-\n',
    BUILD_ID: '1\n',
    BUILD_TIME: '1700000000\n',
    SIZE: '1\n',
    CHOST: 'x86_64-linux-gnu\n',
    repository: 'gentoo\n',
    ...made.metadata,
  };
  const python = join(privatePackageManager(home, 'portage'), 'bin/python3');
  execFileSync(python, ['-c', WRITE, file, JSON.stringify({ ...made, metadata })], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return file;
}

/** The metadata of a package whose pkg_postinst runs bash code. */
export function withScript(pf: string, code: string): Readonly<Record<string, string>> {
  return {
    DEFINED_PHASES: 'postinst\n',
    [`${pf}.ebuild`]: `EAPI=8
DESCRIPTION="A test"
HOMEPAGE="https://example.org/"
LICENSE="MIT"
SLOT="0"
KEYWORDS="~amd64"
pkg_postinst() {
${code}
}
`,
  };
}
