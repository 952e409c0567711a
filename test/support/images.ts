/** Images of roots that tests make, and what of this machine makes them. */
import { execFileSync } from 'node:child_process';
import { findInPath } from './requirement.ts';

/** What is missing on this machine for tests with images of roots, as a sentence; undefined if nothing is. */
export const missingForImages: string | undefined = ['mkfs.erofs', 'mksquashfs', 'veritysetup', 'xz'].every(
  (program) => findInPath(program),
)
  ? undefined
  : 'a program for images is missing (apt install erofs-utils squashfs-tools cryptsetup-bin xz-utils)';

/** How a folder becomes an image of each kind; without much compression, which takes most of the time. */
const MAKERS = {
  erofs: (folder: string, image: string) => ['mkfs.erofs', '--quiet', image, folder],
  squashfs: (folder: string, image: string) => [
    ...['mksquashfs', folder, image, '-quiet', '-no-progress', '-noappend'],
    ...['-comp', 'lz4'],
  ],
  'tar.xz': (folder: string, image: string) => ['tar', '-C', folder, '-Ixz -0 -T2', '-cf', image, '.'],
  tar: (folder: string, image: string) => ['tar', '-C', folder, '-cf', image, '.'],
} as const;

export type ImageForm = keyof typeof MAKERS;

/** Makes an image of a folder. */
export function makeImage(form: ImageForm, folder: string, image: string): string {
  const [program, ...words] = MAKERS[form](folder, image);
  execFileSync(program ?? '', words, { stdio: ['ignore', 'ignore', 'inherit'] });
  return image;
}

/** A member of a tarball as Python's tarfile writes it, with whatever name. */
export interface TarMember {
  readonly name: string;
  readonly type?: 'file' | 'folder' | 'link' | 'hardlink' | 'device' | 'fifo';
  /** Of a link. */
  readonly to?: string;
  readonly mode?: number;
  readonly text?: string;
}

const WRITER = `
import io, json, sys, tarfile
types = dict(file=tarfile.REGTYPE, folder=tarfile.DIRTYPE, link=tarfile.SYMTYPE, hardlink=tarfile.LNKTYPE, device=tarfile.BLKTYPE, fifo=tarfile.FIFOTYPE)
with tarfile.open(sys.argv[1], 'w') as tar:
    for member in json.loads(sys.argv[2]):
        info = tarfile.TarInfo(member['name'])
        info.type = types[member.get('type', 'file')]
        info.linkname = member.get('to', '')
        info.mode = member.get('mode', 0o755)
        info.uid = info.gid = 12345
        info.devmajor, info.devminor = 8, 0
        data = member.get('text', '').encode()
        info.size = len(data)
        tar.addfile(info, io.BytesIO(data))
`;

/** Writes a tarball that tar(1) would not write. */
export function writeTar(image: string, members: readonly TarMember[]): string {
  execFileSync('python3', ['-c', WRITER, image, JSON.stringify(members)]);
  return image;
}
