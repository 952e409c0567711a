import { closeSync, openSync, readSync } from 'node:fs';

/** The kinds of files that a root can be unpacked from. */
export type ImageKind = 'erofs' | 'squashfs' | 'tar';

/** The place of the superblock of EROFS (erofs_fs.h), in bytes. */
const EROFS_SUPERBLOCK = 1024;
/** Where the header of a file in a tarball has its magic (tar(5), POSIX ustar). */
const TAR_MAGIC = 257;

/** Bytes at a place of a file, each with the kind that they prove. A compressed file is taken for a tarball: only tar knows whether it is one. */
const MAGIC: readonly { readonly kind: ImageKind; readonly at: number; readonly bytes: Buffer }[] = [
  { kind: 'erofs', at: EROFS_SUPERBLOCK, bytes: Buffer.from([0xe2, 0xe1, 0xf5, 0xe0]) },
  { kind: 'squashfs', at: 0, bytes: Buffer.from('hsqs') },
  { kind: 'tar', at: TAR_MAGIC, bytes: Buffer.from('ustar') },
  { kind: 'tar', at: 0, bytes: Buffer.from([0x1f, 0x8b]) },
  { kind: 'tar', at: 0, bytes: Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]) },
  { kind: 'tar', at: 0, bytes: Buffer.from([0x28, 0xb5, 0x2f, 0xfd]) },
  { kind: 'tar', at: 0, bytes: Buffer.from('BZh') },
];

/**
 * Recognises the kind of an image by its first bytes; undefined if it is none.
 *
 * @throws the error of the file system if the file cannot be read
 */
export function readImageKind(path: string): ImageKind | undefined {
  const head = Buffer.alloc(EROFS_SUPERBLOCK + 4);
  const descriptor = openSync(path, 'r');
  try {
    readSync(descriptor, head, 0, head.length, 0);
  } finally {
    closeSync(descriptor);
  }
  return MAGIC.find(({ at, bytes }) => head.subarray(at, at + bytes.length).equals(bytes))?.kind;
}
