import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { UserError } from '../../errors/user-error.ts';
import type { WorkFolder } from '../../evaluation/work-folder.ts';
import { digestFile } from '../../files/file-digest.ts';
import { moveFile } from '../../files/move-file.ts';
import { decodePath } from '../../files/path-bytes.ts';
import { replaceFile } from '../../files/replace-file.ts';
import { DEFAULT_STORAGE } from '../../host/find-world.ts';
import { PRODUCT_VERSION } from '../../host/product-version.ts';
import type { HiddenPaths } from '../../installed/hidden-paths.ts';
import type { OpenWorld } from '../open-world.ts';
import { noteView } from '../records/view-note.ts';
import { descriptionOf, hashesOf, type SeenView, type ViewRequest, type WrittenView } from './seen-view.ts';
import { BLOCK_SIZE, IMAGE_UUID, VERITY_UUID, type WrittenImage, writeViewImage } from './view-image.ts';

/** What is exported, and for which request. */
interface Exported {
  readonly request: ViewRequest;
  readonly seen: SeenView;
  readonly hidden: HiddenPaths;
}

/**
 * Writes a view as an image with its dm-verity hashes and its description beside it. The stored record of a trial that saw the same names the
 * image afterwards.
 *
 * @throws UserError if it cannot be written; SandboxError
 */
export async function exportView(
  { world, root, location }: OpenWorld,
  folder: WorkFolder,
  { request, seen, hidden }: Exported,
  log: (sentence: string) => void,
): Promise<WrittenView> {
  const path = request.exportTo ?? '';
  const place = join(folder.path, 'view');
  mkdirSync(place);
  const image = await writeViewImage(world.sandbox, root.layout, hidden, place);
  const view = { image: await digestFile(image.image), rootHash: image.rootHash };
  const size = lstatSync(image.image).size;
  const unreadable = readUnreadable(image.unreadable);
  const facts = world.readFacts(request.text);
  // A record is of the configured flags.
  const record =
    request.use.length > 0
      ? undefined
      : await noteView(world, { location, facts }, view, DEFAULT_STORAGE.records, log);
  const written: WrittenView = {
    ...view,
    path,
    hashes: hashesOf(path),
    description: descriptionOf(path),
    size,
    ...(record !== undefined && { record }),
    unreadable,
  };
  try {
    await moveFile(image.image, written.path);
    await moveFile(image.hashes, written.hashes);
    replaceFile(written.description, describe(request, seen, written, image));
  } catch (error) {
    throw new UserError(
      `${path} cannot be written (${(error as NodeJS.ErrnoException).code}): name a file in a folder that you may write to.`,
      { cause: error },
    );
  }
  return written;
}

/** More paths, in bytes, than a root has that a build cannot read. */
const MOST_UNREADABLE = 2 ** 20;

function readUnreadable(path: string): string[] {
  if (lstatSync(path).size > MOST_UNREADABLE)
    throw new UserError(
      'The view has too many files that the user of a build cannot read: make the root readable with "chmod -R a+rX".',
    );
  const names = decodePath(readFileSync(path)).split('\0').filter(Boolean);
  return names.map((name) => name.slice(1));
}

/** The text of the file beside an image; docs/roots.md has its keys. */
function describe(
  { text }: ViewRequest,
  { ebuild, packageManager, use, visible, hidden }: SeenView,
  { path, hashes, image, rootHash, size, record, unreadable }: WrittenView,
  { tools }: WrittenImage,
): string {
  const description = {
    format: 1,
    version: PRODUCT_VERSION,
    ebuild,
    ebuildDigest: createHash('sha256').update(text).digest('hex'),
    packageManager,
    use,
    record: record ?? null,
    image: { file: basename(path), size, sha256: image, uuid: IMAGE_UUID },
    verity: {
      file: basename(hashes),
      rootHash,
      algorithm: 'sha256',
      salt: '',
      blockSize: BLOCK_SIZE,
      uuid: VERITY_UUID,
    },
    tools,
    unreadable,
    visible,
    hidden,
  };
  return `${JSON.stringify(description, null, 2)}\n`;
}
