import { existsSync } from 'node:fs';
import type { ImageDifference } from '../../audit/record.ts';
import { UserError } from '../../errors/user-error.ts';
import type { BuildOutcome } from '../builder/build-plan.ts';
import type { TreeReader } from '../reading/tree-reader.ts';

/** The part of a build's outcome that is compared. */
type BuiltImage = Pick<BuildOutcome, 'image'>;

/** The differences of a build from the base. */
export interface BuildDifferences {
  /** Empty if the images are the same, or differ only as two builds of the same thing may. */
  readonly differences: readonly ImageDifference[];
  /** Whether there may be other differences, because not everything could be compared. */
  readonly isPartial: boolean;
}

/** Compares the image of a build with that of the base. */
export type CompareWithBase = (build: BuiltImage) => Promise<BuildDifferences>;

/** Gives the images of two builds of the same thing. The control build that this takes is made once, and only if a comparison needs it. */
export type FindControl = () => Promise<readonly [string | undefined, string | undefined]>;

/**
 * Differences that only another view can cause. The content of a file may differ because it is another day, and the names of symbols
 * because a compiler numbers them.
 */
const CERTAIN: readonly ImageDifference['aspect'][] = ['file', 'linked-library', 'interpreter'];

const SAME: BuildDifferences = { differences: [], isPartial: false };

/** @param base a build that passed, and has an image */
export function compareWith(
  base: BuiltImage,
  findControl: FindControl,
  reader: Pick<TreeReader, 'compareImages'>,
): CompareWithBase {
  return async (build) => {
    // Every step was reused.
    if (build.image === base.image) return SAME;
    const pair = { base: imageOf(base), image: imageOf(build) };
    const first = await reader.compareImages(pair);
    const { differences } = first;
    const isClear = differences.length === 0 || differences.some(({ aspect }) => CERTAIN.includes(aspect));
    const compared = isClear ? first : await reader.compareImages({ ...pair, control: await findControl() });
    return {
      differences: compared.differences,
      isPartial: compared.isCut || compared.uncompared.length > 0,
    };
  };
}

/** @param buildAgain builds the same thing from the beginning */
export function createFindControl(base: BuiltImage, buildAgain: () => Promise<BuiltImage>): FindControl {
  let found: ReturnType<FindControl> | undefined;
  const find = async () => [imageOf(base), imageOf(await buildAgain())] as const;
  return () => {
    found ??= find();
    return found;
  };
}

/**
 * The image of a build, which is absent if the build failed or left no image in the right place.
 *
 * @throws UserError if somebody has removed the snapshots in the meantime: an empty image would differ in every file
 */
function imageOf({ image }: BuiltImage): string | undefined {
  if (image !== undefined && !existsSync(image))
    throw new UserError('the image of a build was removed before it was compared: run the trial again');
  return image;
}
