import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { showLine } from '../../errors/visible-text.ts';
import { printAmount } from '../../sandbox/limits.ts';
import type { Sandbox, SandboxLimits } from '../../sandbox/sandbox.ts';
import { describeMachineView, isOnMachine } from '../machine-view.ts';
import { stripEscapes } from '../output-text.ts';
import type { ImageKind } from './image-kind.ts';
import { RefusedImage } from './refused-image.ts';

const GIB = 2 ** 30;

/** What unpacking may take: enough for a stage4 with Gentoo's repository, and little enough for a bomb to end soon. */
export const UNPACKING_LIMITS: SandboxLimits = {
  processes: 64,
  memory: 2 * GIB,
  disk: 32 * GIB,
  files: 1_500_000,
  output: 16 * 2 ** 20,
  time: 60 * 60 * 1000,
};

const IMAGE = '/image';
const OUT = '/unpack';
const TREE = `${OUT}/tree`;

/** A program that unpacks one kind of image. */
interface Unpacker {
  readonly program: string;
  /** What has the program, on Debian and on Gentoo. */
  readonly from: string;
  readonly words: readonly string[];
  /** Lines about device nodes, which nobody may make and no view shows, and notes. A run that says nothing else has unpacked everything. */
  readonly harmless: RegExp;
}

const UNPACKERS: Readonly<Record<ImageKind, Unpacker>> = {
  erofs: {
    program: 'fsck.erofs',
    from: 'erofs-utils (Debian) or sys-fs/erofs-utils (Gentoo)',
    words: ['-d1', '--no-preserve', `--extract=${TREE}`, IMAGE],
    harmless: /^$/,
  },
  squashfs: {
    program: 'unsquashfs',
    from: 'squashfs-tools (Debian) or sys-fs/squashfs-tools (Gentoo)',
    words: ['-no-xattrs', '-no-progress', '-quiet', '-processors', '2', '-dest', TREE, IMAGE],
    harmless: /^create_inode: could not create (character|block) device .*superuser!$/,
  },
  tar: {
    program: 'tar',
    from: 'tar (Debian) or app-arch/tar (Gentoo)',
    words: [
      ...['--extract', `--file=${IMAGE}`, `--directory=${TREE}`],
      ...['--no-same-owner', '--no-same-permissions', '--no-acls', '--no-selinux', '--no-xattrs'],
      // A clock that is behind would make a line for each file.
      ...['--warning=no-timestamp', '--warning=no-unknown-keyword'],
      // A closed folder is closed when everything is in it.
      '--delay-directory-restore',
    ],
    harmless:
      /: Cannot mknod: Operation not permitted$|^tar: (Removing leading|Exiting with failure status due to previous)/,
  },
};

/** The status of a program that SIGXFSZ ends, because it writes a file larger than all that it may write (setrlimit(2)). */
const FILE_TOO_LARGE = 128 + 25;

/** An image, where it is unpacked, and by whom. */
export interface Unpacking {
  readonly image: string;
  readonly kind: ImageKind;
  /** An empty folder of this user; the tree is then in `tree` in it. */
  readonly folder: string;
  readonly sandbox: Sandbox;
  /** Absent: {@link UNPACKING_LIMITS}. */
  readonly limits?: SandboxLimits;
}

/**
 * Unpacks an image with a program of this machine, which runs in a sandbox as an unprivileged user and sees nothing of this machine but programs
 * and the image.
 *
 * @returns the path of the tree, which may still have links that lead out of it, pipes and the like
 * @throws RefusedImage if the image is damaged or too large, or the program is missing; SandboxError
 */
export async function unpackImage({
  image,
  kind,
  folder,
  sandbox,
  limits = UNPACKING_LIMITS,
}: Unpacking): Promise<string> {
  const { program, from, words, harmless } = UNPACKERS[kind];
  if (!isOnMachine(program)) throw new RefusedImage(`${program} is missing`, `install ${from}`);
  const [staging, out] = ['staging', 'out'].map((name) => join(folder, name)) as [string, string];
  mkdirSync(staging);
  mkdirSync(out);
  // The others make it themselves.
  if (kind === 'tar') mkdirSync(join(out, 'tree'));
  const spec = await describeMachineView({
    argv: [program, ...words],
    staging,
    binds: [
      { source: image, target: IMAGE, writable: false },
      { source: out, target: OUT, writable: true },
    ],
    limits,
  });
  const chunks: Uint8Array[] = [];
  const { status, exceeded } = await sandbox.run(spec, {
    event() {},
    output: (chunk) => void chunks.push(chunk),
  });
  if (exceeded !== undefined)
    throw new RefusedImage(`it exceeds the limit ${exceeded} of ${printAmount(exceeded, limits[exceeded])}`);
  if (status === FILE_TOO_LARGE)
    throw new RefusedImage(`it has a file of more than ${printAmount('disk', limits.disk)}`);
  if (status !== 0) {
    const complaints = Buffer.concat(chunks)
      .toString('utf8')
      .split('\n')
      .filter((line) => line.trim() !== '');
    const serious = complaints.find((line) => !harmless.test(line));
    if (serious !== undefined || complaints.length === 0)
      throw new RefusedImage(
        `${program} says ${JSON.stringify(shorten(serious ?? `status ${status}`))}`,
        'fetch or make it again',
      );
  }
  return join(out, 'tree');
}

/** In characters. */
const LONGEST_COMPLAINT = 200;

function shorten(line: string): string {
  return showLine(stripEscapes(line)).slice(0, LONGEST_COMPLAINT);
}
