import { UserError } from '../../errors/user-error.ts';
import type { ExactDifference } from '../../image/exact-differences.ts';
import { openSession, type SessionInput, type TrialSession } from '../session.ts';
import { explainDifferences } from './diffoscope.ts';
import {
  type Impossible,
  listVariations,
  type Variation,
  type VariationName,
  varyWorld,
} from './variation.ts';

/** A difference between the images of two builds, and what causes it. */
export interface ReproducedDifference extends ExactDifference {
  /** The variations of which each alone changes the file; empty if none does. */
  readonly causes: readonly VariationName[];
  /** Whether two builds with nothing varied differ there, too. */
  readonly byChance: boolean;
}

/** A build that failed, and its first error. */
export interface FailingBuild {
  /** What was varied in it. */
  readonly varied: VariationName | 'everything' | 'nothing';
  readonly error: string;
}

export interface ReproductionOutcome {
  readonly category: string;
  readonly packageAndVersion: string;
  readonly varied: readonly Pick<Variation, 'name' | 'what'>[];
  readonly impossible: readonly Impossible[];
  /** The builds that failed although the first one passed; empty only if all passed. */
  readonly failing: readonly FailingBuild[];
  /** Empty if the image is the same, byte for byte, with everything varied at once. */
  readonly differences: readonly ReproducedDifference[];
  /** The digest of the image without what differs in every build; see `TrialRecord.image`. Undefined if not everything could be read. */
  readonly image: string | undefined;
  /** Clauses about what could not be compared. */
  readonly gaps: readonly string[];
  readonly builds: number;
}

export interface ReproductionInput extends Omit<SessionInput, 'use' | 'fresh' | 'tests' | 'shownAs'> {
  /** Whether the causes of differences are not looked for: two builds, and no more. */
  readonly quick: boolean;
  /** The path of diffoscope(1); absent: differences are not explained. */
  readonly diffoscope?: string;
}

/**
 * Builds an ebuild twice, the second time with everything varied in which two machines may differ. If the images are not the same byte for byte,
 * it is built once more without a variation, and once with each variation alone. Every build is made from the beginning.
 *
 * @throws UserError if the ebuild does not build as it is, and the errors of a trial
 */
export async function reproduce(input: ReproductionInput): Promise<ReproductionOutcome> {
  const world = { ...input.world, snapshotBytes: 0 };
  const { possible, impossible } = listVariations(input.root.layout, world);
  let builds = 0;
  const build = async <Result>(
    variations: readonly Variation[],
    use: (built: Built) => Promise<Result>,
  ): Promise<Result> => {
    builds += 1;
    const number = builds;
    const listener: SessionInput['listener'] = {
      progress: (progress) =>
        input.listener.progress({ ...progress, phase: `${progress.phase}, build ${number}` }),
    };
    return buildVaried({ ...input, world, listener }, variations, use);
  };
  return build([], async (base) => {
    if (base.image === undefined) throw notBuilt(base);
    const { session, image } = base;
    const compare = (variations: readonly Variation[]) =>
      build(variations, async (other): Promise<Compared> => {
        if (other.image === undefined) return { error: other.error ?? 'the installed image was not found' };
        const differences = await session.reader.compareExactly({ base: image, image: other.image });
        if (differences === undefined) throw new UserError(TOO_LARGE);
        // Once is enough: with everything varied, all differences are there.
        if (variations.length < possible.length || input.diffoscope === undefined) return { differences };
        const { world: own, folder } = session;
        const images = [image, other.image] as const;
        const explainer = {
          sandbox: own.sandbox,
          program: input.diffoscope,
          staging: folder.staging,
          images,
        };
        return { differences: await explainDifferences(differences, explainer) };
      });
    const found = await findCauses(possible, compare, input.quick);
    const { category, packageAndVersion } = input.location;
    return {
      category,
      packageAndVersion,
      varied: possible.map(({ name, what }) => ({ name, what })),
      impossible,
      ...found,
      image: await session.reader.digestImage(image),
      gaps: session.reader.gaps(),
      builds,
    };
  });
}

const TOO_LARGE =
  'The installed images have too many files to be compared byte for byte, or reading them takes too long: compare them with diffoscope(1).';

interface Built {
  readonly session: TrialSession;
  readonly image: string | undefined;
  /** The first error of a failed build. */
  readonly error: string | undefined;
}

async function buildVaried<Result>(
  input: ReproductionInput,
  variations: readonly Variation[],
  use: (built: Built) => Promise<Result>,
): Promise<Result> {
  const shownAs = variations.find((variation) => variation.shownAs !== undefined)?.shownAs;
  const session = await openSession({
    ...input,
    world: varyWorld(input.world, variations),
    use: [],
    fresh: true,
    ...(shownAs !== undefined && { shownAs }),
  });
  try {
    const builds = await session.openBuilds();
    const { image, failure } = await builds.build({ afresh: true });
    return await use({ session, image, error: failure && `${failure.phase}: ${failure.firstError}` });
  } finally {
    await session.close();
  }
}

/** The result of a build that is compared with the base. */
type Compared =
  | { readonly error: string; readonly differences?: undefined }
  | { readonly differences: readonly ExactDifference[] };

/**
 * Finds what each variation changes.
 *
 * @param compare builds with some variations
 * @param isQuick whether only the build with all of them is made
 * @returns nothing that differs if the build with all of them gives the same image
 */
export async function findCauses(
  variations: readonly Variation[],
  compare: (variations: readonly Variation[]) => Promise<Compared>,
  isQuick = false,
): Promise<Pick<ReproductionOutcome, 'differences' | 'failing'>> {
  const together = await compare(variations);
  if (together.differences?.length === 0) return { differences: [], failing: [] };
  const failing: FailingBuild[] = [];
  const found = new Map<string, ReproducedDifference>();
  const add = (differences: readonly ExactDifference[], cause?: VariationName) => {
    for (const difference of differences) {
      const key = keyOf(difference);
      const known = found.get(key) ?? { ...difference, causes: [], byChance: false };
      // A build that differs by chance says nothing about the variation that it had.
      const causes = cause === undefined || known.byChance ? known.causes : [...known.causes, cause];
      found.set(key, { ...known, causes });
    }
  };
  if (isQuick)
    return together.differences === undefined
      ? { differences: [], failing: [{ varied: 'everything', error: together.error }] }
      : {
          differences: together.differences.map((found) => ({ ...found, causes: [], byChance: false })),
          failing: [],
        };
  const control = await compare([]);
  if (control.differences === undefined) failing.push({ varied: 'nothing', error: control.error });
  for (const difference of control.differences ?? [])
    found.set(keyOf(difference), { ...difference, causes: [], byChance: true });
  for (const variation of variations) {
    const alone = await compare([variation]);
    if (alone.differences === undefined) failing.push({ varied: variation.name, error: alone.error });
    else add(alone.differences, variation.name);
  }
  if (together.differences !== undefined) add(together.differences);
  else if (failing.length === 0) failing.push({ varied: 'everything', error: together.error });
  const explanations = new Map(
    together.differences?.map((difference) => [keyOf(difference), difference.explanation]),
  );
  const differences = [...found.values()]
    .map((difference): ReproducedDifference => {
      const explanation = explanations.get(keyOf(difference));
      return explanation === undefined ? difference : { ...difference, explanation };
    })
    .sort((left, right) => (left.path < right.path ? -1 : 1));
  return { differences, failing };
}

const keyOf = ({ path, kind }: ExactDifference) => `${kind} ${path}`;

function notBuilt({ error, session }: Built): UserError {
  const { category, packageAndVersion } = session.location;
  return new UserError(
    `${category}/${packageAndVersion} does not build with only the declared packages visible (${error ?? 'no image was found'}): run "ebuild-audit trial" and fix what it finds first.`,
  );
}
