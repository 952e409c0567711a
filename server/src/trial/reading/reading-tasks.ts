import type { BuildOption, ImageDifference } from '../../audit/record.ts';
import { compareImages, findUnstableFiles, listUncompared } from '../../image/compare-images.ts';
import { type ExactDifference, listExactDifferences } from '../../image/exact-differences.ts';
import { digestImage } from '../../image/image-digest.ts';
import {
  type FoundNeeds,
  type ImageNeed,
  markUsedLibraries,
  readImageNeeds,
} from '../../image/image-needs.ts';
import { type ImageSummary, readImage } from '../../image/image-summary.ts';
import { readBuildOptions } from './build-options.ts';
import { findCallingHeader } from './calling-header.ts';
import { type DescribedVersions, readDescribedVersions } from './described-versions.ts';
import { findTests } from './found-tests.ts';
import { type NotFoundSources, readNotFoundLines } from './not-found.ts';
import { readSourceMentions, type SourceMentions } from './source-mentions.ts';

/** Two images on this machine; an absent one is empty. */
export interface ImagePair {
  readonly base: string | undefined;
  readonly image: string | undefined;
  /** The images of two builds of the same thing: what differs in them does not count. */
  readonly control?: readonly [string | undefined, string | undefined];
}

/** The differences of two images. */
export interface ComparedImages {
  readonly differences: readonly ImageDifference[];
  /** Paths whose contents were not compared, or only by their size. */
  readonly uncompared: readonly string[];
  /** Whether one of the images has more entries than can be compared; there are no differences then. */
  readonly isCut: boolean;
}

/** The needs of an image, and the libraries that must be found for {@link ReadingTasks.markUsed}. */
export interface ListedNeeds extends Pick<FoundNeeds, 'needs' | 'named' | 'installed' | 'isWhole'> {
  readonly sonames: readonly string[];
}

/**
 * Work on the files that a build has left. Each task blocks its thread for as long as its limits allow. Inputs and results are plain data,
 * because tasks run in a thread of their own; see tree-reader.ts.
 */
export interface ReadingTasks {
  compare(pair: ImagePair): ComparedImages;
  listNeeds(image: string): ListedNeeds;
  /** Says which libraries the image listed last asks for symbols. @param files the libraries by their sonames */
  markUsed(files: ReadonlyMap<string, string>): readonly ImageNeed[];
  readMentions(folder: string): SourceMentions;
  readVersions(layers: readonly string[]): DescribedVersions;
  readOptions(layers: readonly string[]): readonly BuildOption[];
  /** @returns the differences byte for byte; undefined if an image has more entries than can be compared */
  compareExactly(pair: Pick<ImagePair, 'base' | 'image'>): readonly ExactDifference[] | undefined;
  /** @returns undefined if not everything can be read */
  digestImage(image: string): string | undefined;
  /** See `findCallingHeader`. */
  findCall(input: {
    readonly files: readonly string[];
    readonly symbols: readonly string[];
  }): number | undefined;
  findTests(input: { readonly layers: readonly string[]; readonly isDefault: boolean }): boolean;
  readNotFound(input: { readonly layers: readonly string[]; readonly sources: NotFoundSources }): string;
}

/** The base, its control build, and an image that is compared with them. */
const MOST_SUMMARIES = 3;

const EMPTY: ImageSummary = {
  entries: new Map(),
  isCut: false,
  describe: () => ({ content: undefined }),
};

export function createReadingTasks(): ReadingTasks {
  const summaries = new Map<string, ImageSummary>();
  let listed: FoundNeeds = { needs: [], named: [], imported: new Map(), installed: undefined, isWhole: true };

  const summaryOf = (image: string | undefined): ImageSummary => {
    if (image === undefined) return EMPTY;
    const summary = summaries.get(image) ?? readImage(image);
    // The one that was used last becomes the newest.
    summaries.delete(image);
    summaries.set(image, summary);
    const [oldest] = summaries.keys();
    if (summaries.size > MOST_SUMMARIES && oldest !== undefined) summaries.delete(oldest);
    return summary;
  };

  return {
    compare({ base, image, control }) {
      const [without, withIt] = [summaryOf(base), summaryOf(image)];
      if (without.isCut || withIt.isCut) return { differences: [], uncompared: [], isCut: true };
      const unstable = control && findUnstableFiles(summaryOf(control[0]), summaryOf(control[1]));
      return {
        differences: compareImages(without, withIt, unstable),
        uncompared: listUncompared(without, withIt).slice(0, MOST_NAMED),
        isCut: false,
      };
    },
    listNeeds(image) {
      listed = readImageNeeds(image);
      const { needs, named, installed, isWhole } = listed;
      const libraries = needs.filter(({ kind }) => kind === 'library').map(({ wanted }) => wanted);
      return { needs, named, installed, isWhole, sonames: [...new Set(libraries)] };
    },
    markUsed: (files) => markUsedLibraries(listed, files),
    readMentions: readSourceMentions,
    readVersions: readDescribedVersions,
    readOptions: readBuildOptions,
    readNotFound: ({ layers, sources }) => readNotFoundLines(layers, sources),
    findCall: ({ files, symbols }) => findCallingHeader(files, symbols),
    findTests,
    compareExactly({ base, image }) {
      const [first, second] = [summaryOf(base), summaryOf(image)];
      return first.isCut || second.isCut ? undefined : listExactDifferences(first, second, [base, image]);
    },
    digestImage: (image) => digestImage(summaryOf(image)),
  };
}

/** More paths than a sentence names. */
const MOST_NAMED = 1000;
