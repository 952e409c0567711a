import { createHash } from 'node:crypto';

/** The digest of some bytes as the Remote Execution API has it. */
export interface Digest {
  /** SHA-256, in hexadecimal digits. */
  readonly hash: string;
  readonly sizeBytes: number;
}

export function digestBytes(bytes: Uint8Array): Digest {
  return { hash: createHash('sha256').update(bytes).digest('hex'), sizeBytes: bytes.length };
}

/** Bytes that a server may lack, and where they are: in memory, or in a file of this machine. */
export interface Blob {
  readonly digest: Digest;
  readonly content: Uint8Array | { readonly path: string };
}
