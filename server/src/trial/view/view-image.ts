import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../errors/user-error.ts';
import { showLine } from '../../errors/visible-text.ts';
import { describeShownRoot } from '../../evaluation/sandbox-view.ts';
import { noRoom } from '../../host/disk-room.ts';
import { describeMachineView, isOnMachine } from '../../host/machine-view.ts';
import { findFullDisk, stripEscapes } from '../../host/output-text.ts';
import type { HiddenPaths } from '../../installed/hidden-paths.ts';
import type { RootLayout } from '../../installed/root-layout.ts';
import { BUILD_ENVIRONMENT } from '../../package-manager/plain-environment.ts';
import type { Sandbox, SandboxSpec } from '../../sandbox/sandbox.ts';

/** The name of an image in the folder that it is written to, and of its dm-verity hashes. */
const IMAGE = 'view.erofs';
const HASHES = 'view.erofs.verity';

const VIEW = '/view';
const OUT = '/out';

/** The same in every image, because they say nothing about what is in it. */
export const IMAGE_UUID = 'eba0d170-0000-4000-8000-000000000000';
export const VERITY_UUID = 'eba0d170-0000-4000-8000-000000000001';
/** In bytes, of EROFS and of dm-verity. */
export const BLOCK_SIZE = 4096;

/**
 * Writes the image. The view is copied first: mkfs.erofs would note which files are hard links, which differs from machine to machine, and it
 * cannot leave out what the user of a build may not read. Owners, times and extended attributes are those of nobody. mkfs.erofs sorts names itself.
 */
const SCRIPT = `
set -eo pipefail
export LC_ALL=C
cd ${VIEW}
find . ! -type l ! -readable -print0 -prune | sort -z > ${OUT}/unreadable
mkdir ${OUT}/tree
find . '(' ! -type l ! -readable -prune ')' -o '(' -type f -o -type d -o -type l ')' -print0 | sort -z |
  tar --create --file=- --null --no-recursion --files-from=- --hard-dereference --mode=u+rX,a-s |
  tar --extract --file=- --directory=${OUT}/tree --same-permissions --no-same-owner --delay-directory-restore
cd ${OUT}
block=
if [[ $(mkfs.erofs --help 2>&1) == *' -b#'* ]]; then block=-b${BLOCK_SIZE}; fi
mkfs.erofs $block -x-1 -T${BUILD_ENVIRONMENT.SOURCE_DATE_EPOCH} -U${IMAGE_UUID} --all-root ${IMAGE} tree
veritysetup --version
veritysetup format --format=1 --hash=sha256 --salt=- --uuid=${VERITY_UUID} \\
  --data-block-size=${BLOCK_SIZE} --hash-block-size=${BLOCK_SIZE} ${IMAGE} ${HASHES}
`;

/** The programs of this machine that write an image, and what has them. */
const PROGRAMS: readonly (readonly [program: string, from: string])[] = [
  ['mkfs.erofs', 'erofs-utils (Debian) or sys-fs/erofs-utils (Gentoo)'],
  ['veritysetup', 'cryptsetup-bin (Debian) or sys-fs/cryptsetup (Gentoo)'],
  ['bash', 'bash (Debian) or app-shells/bash (Gentoo)'],
  ['tar', 'tar (Debian) or app-arch/tar (Gentoo)'],
  ['find', 'findutils (Debian) or sys-apps/findutils (Gentoo)'],
];

/** A written image, in the folder that was named. */
export interface WrittenImage {
  readonly image: string;
  /** The hash tree of dm-verity. */
  readonly hashes: string;
  /** The file that lists what is not in the image, because the user of a build cannot read it: paths that begin with `./`, each with NUL after it. */
  readonly unreadable: string;
  /** 64 hexadecimal digits. */
  readonly rootHash: string;
  /** The versions of the programs that decide the bytes. */
  readonly tools: Readonly<Record<'mkfs.erofs' | 'veritysetup', string>>;
}

/** @throws UserError if a program is missing without which no image can be written */
export function demandImagePrograms(): void {
  const missing = PROGRAMS.find(([program]) => !isOnMachine(program));
  if (missing !== undefined)
    throw new UserError(
      `The view cannot be written as an image: install ${missing[1]}, which has ${missing[0]}.`,
    );
}

/**
 * Writes what a view shows as an EROFS image, with programs of this machine that run in a sandbox as an unprivileged user. Where the same files
 * are visible, the image has the same bytes.
 *
 * @param folder an empty folder of this user
 * @throws UserError if it cannot be written; SandboxError
 */
export async function writeViewImage(
  sandbox: Sandbox,
  layout: RootLayout,
  hidden: HiddenPaths,
  folder: string,
): Promise<WrittenImage> {
  demandImagePrograms();
  const [staging, out] = ['staging', 'out'].map((name) => join(folder, name)) as [string, string];
  mkdirSync(staging);
  mkdirSync(out);
  const chunks: Uint8Array[] = [];
  const { status } = await sandbox.run(await describeExport(layout, hidden, { staging, out }), {
    event() {},
    output: (chunk) => void chunks.push(chunk),
  });
  const output = stripEscapes(Buffer.concat(chunks).toString('utf8'));
  const rootHash = /^Root hash:\s+([0-9a-f]{64})\s*$/m.exec(output)?.[1];
  if (status !== 0 || rootHash === undefined) throw explainFailure(status, output);
  return {
    image: join(out, IMAGE),
    hashes: join(out, HASHES),
    unreadable: join(out, 'unreadable'),
    rootHash,
    tools: {
      'mkfs.erofs': /^mkfs\.erofs (\S+)/m.exec(output)?.[1] ?? 'unknown',
      veritysetup: /^veritysetup (\S+)/m.exec(output)?.[1] ?? 'unknown',
    },
  };
}

async function describeExport(
  layout: RootLayout,
  hidden: HiddenPaths,
  { staging, out }: { readonly staging: string; readonly out: string },
): Promise<SandboxSpec> {
  const shown = describeShownRoot(layout, hidden);
  const machine = await describeMachineView({
    argv: ['bash', '-c', SCRIPT],
    staging,
    binds: [
      ...shown.files.map((file) => ({ ...file, target: VIEW + file.target })),
      { source: out, target: OUT, writable: true },
    ],
  });
  const overlays = shown.overlays.map(({ links = [], ...overlay }) => ({
    ...overlay,
    target: VIEW + overlay.target,
    links: links.map((link) => ({ ...link, path: VIEW + link.path })),
  }));
  const links = shown.links.map((link) => ({ ...link, path: VIEW + link.path }));
  return { ...machine, overlays: [...machine.overlays, ...overlays], links: [...machine.links, ...links] };
}

/** In characters. */
const LONGEST_REASON = 300;

function explainFailure(status: number, output: string): Error {
  const full = findFullDisk(output);
  if (full !== undefined) return noRoom(full);
  const last = output.trim().split('\n').at(-1) ?? '';
  const reason =
    last === ''
      ? `status ${status}`
      : showLine(last)
          .slice(0, LONGEST_REASON)
          .replace(/[.:;\s]+$/, '');
  return new UserError(`The image of the view cannot be written: ${reason}; report it with the ebuild.`);
}
