import { existsSync } from 'node:fs';
import type { ImageDifference } from '../../audit/record.ts';
import { UserError } from '../../errors/user-error.ts';
import { compareImages, findUnstableFiles } from '../../image/compare-images.ts';
import { type ImageSummary, readImage } from '../../image/image-summary.ts';
import type { BuildOutcome } from '../builder/build-plan.ts';

/** The part of a build's outcome that is compared. */
type BuiltImage = Pick<BuildOutcome, 'image'>;

/**
 * Compares the image of a build with that of the base.
 *
 * @returns no differences if the images are the same, or differ only as two builds of the same thing may
 */
export type CompareWithBase = (build: BuiltImage) => Promise<readonly ImageDifference[]>;

/** Finds the unstable files. The control build that this takes is made once, and only if a comparison needs it. */
export type FindUnstable = () => Promise<ReadonlySet<string>>;

/**
 * Differences that only another view can cause. The content of a file may differ because it is another day, and the names of symbols
 * because a compiler numbers them.
 */
const CERTAIN: readonly ImageDifference['aspect'][] = ['file', 'linked-library', 'interpreter'];

/** @param base a build that passed, and has an image */
export function compareWith(
  base: BuiltImage,
  findUnstable: FindUnstable,
  signal: AbortSignal | undefined,
): CompareWithBase {
  let baseImage: ImageSummary | undefined;
  return async (build) => {
    // Every step was reused.
    if (build.image === base.image) return [];
    baseImage ??= await readImageOf(base, signal);
    const image = await readImageOf(build, signal);
    const differences = compareImages(baseImage, image);
    if (differences.length === 0 || differences.some(({ aspect }) => CERTAIN.includes(aspect)))
      return differences;
    return compareImages(baseImage, image, await findUnstable());
  };
}

/** @param buildAgain builds the same thing from the beginning */
export function createFindUnstable(
  base: BuiltImage,
  buildAgain: () => Promise<BuiltImage>,
  signal: AbortSignal | undefined,
): FindUnstable {
  let found: Promise<ReadonlySet<string>> | undefined;
  const find = async () =>
    findUnstableFiles(await readImageOf(base, signal), await readImageOf(await buildAgain(), signal));
  return () => {
    found ??= find();
    return found;
  };
}

/**
 * Reads the image of a build, which is empty if the build failed or left no image in the right place.
 *
 * @throws UserError if somebody has removed the snapshots in the meantime: an empty image would differ in every file
 */
async function readImageOf({ image }: BuiltImage, signal: AbortSignal | undefined): Promise<ImageSummary> {
  if (image === undefined) return { entries: new Map() };
  if (!existsSync(image))
    throw new UserError('the image of a build was removed before it was compared: run the trial again');
  return readImage(image, signal);
}
