import { existsSync } from 'node:fs';
import type { ImageDifference } from '../../audit/record.ts';
import { UserError } from '../../errors/user-error.ts';
import { compareImages, findUnstableFiles } from '../../image/compare-images.ts';
import { type ImageSummary, readImage } from '../../image/image-summary.ts';
import type { BuildOutcome } from '../builder/build-plan.ts';

/**
 * How the image of a build differs from that of the build that it is compared with. Empty: the same image, or one that two builds of
 * the same thing could come to.
 */
export type CompareWithBase = (other: BuildOutcome) => Promise<readonly ImageDifference[]>;

/** What differs between two builds of the same thing; asked for once at the most, and only where it matters. */
export type FindUnstable = () => Promise<ReadonlySet<string>>;

/**
 * Differences of these kinds can only come from what was visible. What is in a file may differ because it is another day, and the names
 * of symbols because a compiler numbers them.
 */
const CERTAIN: readonly ImageDifference['aspect'][] = ['file', 'linked-library', 'interpreter'];

/** @param base a build that passed, and has an image */
export function compareWith(
  base: BuildOutcome,
  findUnstable: FindUnstable,
  signal: AbortSignal | undefined,
): CompareWithBase {
  let known: ImageSummary | undefined;
  return async (other) => {
    // It took over every step.
    if (other.image === base.image) return [];
    known ??= await readImageOf(base, signal);
    const image = await readImageOf(other, signal);
    const differences = compareImages(known, image);
    if (differences.length === 0 || differences.some(({ aspect }) => CERTAIN.includes(aspect)))
      return differences;
    return compareImages(known, image, await findUnstable());
  };
}

/** @param buildAgain builds the same thing once more, nothing of it taken over */
export function createFindUnstable(
  base: BuildOutcome,
  buildAgain: () => Promise<BuildOutcome>,
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
 * Of a build that failed, or has left no image where it should be, that of nothing.
 *
 * @throws UserError where somebody has removed the snapshots in the meantime: nothing would differ from everything
 */
async function readImageOf({ image }: BuildOutcome, signal: AbortSignal | undefined): Promise<ImageSummary> {
  if (image === undefined) return { entries: new Map() };
  if (!existsSync(image))
    throw new UserError('the image of a build was removed before it was compared: run the trial again');
  return readImage(image, signal);
}
