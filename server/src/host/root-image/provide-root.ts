import { realpathSync, statSync } from 'node:fs';
import { UserError } from '../../errors/user-error.ts';
import { digestFile } from '../../files/file-digest.ts';
import { removeTree } from '../../files/remove-tree.ts';
import { printAmount } from '../../sandbox/limits.ts';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import { diskError } from '../disk-room.ts';
import { makeHarmless } from './harmless-tree.ts';
import { type ImageKind, readImageKind } from './image-kind.ts';
import {
  type FileFacts,
  findKept,
  isSameFile,
  lease,
  makeDraft,
  readFacts,
  recallDigest,
  rememberDigest,
  removeDrafts,
  takeIn,
} from './kept-roots.ts';
import { RefusedImage } from './refused-image.ts';
import { unpackImage } from './unpack-image.ts';

/** What unpacking needs of the world, and whom it tells. */
export interface Unpackers {
  /** Called only if something must be unpacked. */
  openSandbox(): Promise<Sandbox>;
  /** Says one sentence before work that takes minutes. */
  say(sentence: string): void;
}

/**
 * The root that was unpacked from an image, without unpacking it.
 *
 * @param chosen a root as the user chose it
 * @returns its path on this machine; `unpack` if it is an image that must be unpacked first; undefined if it is no file
 * @throws UserError if it is a file, and no image
 */
export function recallRoot(chosen: string, home: string): { readonly path: string } | 'unpack' | undefined {
  const facts = chosen === '' ? undefined : readFacts(chosen);
  if (facts === undefined) return undefined;
  const image = realpathSync(chosen);
  const digest = recallDigest(home, image, facts);
  const path = digest === undefined ? undefined : useKept(home, digest);
  if (path !== undefined) return { path };
  demandImage(image);
  return 'unpack';
}

/**
 * Unpacks a root that is an image, unless that was done before; any other root needs nothing.
 *
 * @param home the state folder, which keeps the files
 * @returns the folder of the root; a root that is no file as it was chosen
 * @throws UserError if the image cannot be used, and SandboxError; nothing is left behind then
 */
export async function provideRoot(chosen: string, home: string, unpackers: Unpackers): Promise<string> {
  const recalled = recallRoot(chosen, home);
  if (recalled === undefined) return chosen;
  removeDrafts(home);
  if (recalled !== 'unpack') return recalled.path;
  const image = realpathSync(chosen);
  const key = JSON.stringify([home, image]);
  const begun = running.get(key) ?? readImage(image, home, unpackers);
  running.set(key, begun);
  try {
    return await begun;
  } finally {
    running.delete(key);
  }
}

/** The images that this process is unpacking: the checker and a trial of an editor want the same one at the same time. */
const running = new Map<string, Promise<string>>();

async function readImage(image: string, home: string, { openSandbox, say }: Unpackers): Promise<string> {
  const kind = demandImage(image);
  const facts = readFacts(image);
  if (facts === undefined) throw changed(image);
  demandReadable(image);
  say(
    `The root ${image} (${printAmount('disk', Number(facts.size))}) is unpacked into the state folder, once; this may take minutes.`,
  );
  const digest = await digestFile(image);
  demandUnchanged(image, facts);
  const path =
    useKept(home, digest) ?? (await unpack({ image, kind, digest, facts }, home, await openSandbox()));
  rememberDigest(home, image, facts, digest);
  return path;
}

/** Finds an unpacked root, and takes a lease of it first, so that nobody removes it meanwhile. */
function useKept(home: string, digest: string): string | undefined {
  lease(home, digest);
  return findKept(home, digest);
}

/** An image and its contents. */
interface ReadImage {
  readonly image: string;
  readonly kind: ImageKind;
  readonly digest: string;
  readonly facts: FileFacts;
}

async function unpack(
  { image, kind, digest, facts }: ReadImage,
  home: string,
  sandbox: Sandbox,
): Promise<string> {
  let draft: string | undefined;
  try {
    draft = await makeDraft(home, digest);
    const tree = await unpackImage({ image, kind, folder: draft, sandbox });
    const size = await makeHarmless(tree);
    demandUnchanged(image, facts);
    const path = takeIn(home, digest, draft, { tree, image, size });
    lease(home, digest);
    return path;
  } catch (error) {
    if (error instanceof RefusedImage)
      throw new UserError(`The root ${image} cannot be unpacked: ${error.message}; ${error.remedy}.`, {
        mend: { kind: 'setting', name: 'root' },
      });
    throw diskError(error as NodeJS.ErrnoException);
  } finally {
    if (draft !== undefined) await removeTree(draft);
  }
}

/** @throws UserError if a file is no image */
function demandImage(image: string): ImageKind {
  let kind: ImageKind | undefined;
  try {
    kind = readImageKind(image);
  } catch (error) {
    throw new UserError(
      `The root ${image} cannot be read (${(error as NodeJS.ErrnoException).code}): make it readable, or check --root or the setting ebuildAudit.root.`,
      { mend: { kind: 'setting', name: 'root' }, cause: error },
    );
  }
  if (kind !== undefined) return kind;
  throw new UserError(
    `The root ${image} is neither a folder nor an EROFS or squashfs image nor a tarball: check --root or the setting ebuildAudit.root.`,
    { mend: { kind: 'setting', name: 'root' } },
  );
}

/** Permission to read for every user (inode(7)). */
const OTHERS_READ = 0o004;

/** @throws UserError if the unprivileged user that unpacks for root cannot read the image */
function demandReadable(image: string): void {
  if (process.geteuid?.() !== 0 || (statSync(image).mode & OTHERS_READ) !== 0) return;
  throw new UserError(
    `The root ${image} is not readable for the unprivileged user that unpacks it for root: run "chmod o+r ${image}".`,
  );
}

function demandUnchanged(image: string, facts: FileFacts): void {
  const now = readFacts(image);
  if (now === undefined || !isSameFile(now, facts)) throw changed(image);
}

function changed(image: string): UserError {
  return new UserError(`The root ${image} changed while it was read: try again.`);
}
