import type { BuildOption } from '../../audit/record.ts';
import type { ExactDifference } from '../../image/exact-differences.ts';
import type { FoundNeeds } from '../../image/image-needs.ts';
import type { DescribedVersions } from './described-versions.ts';
import type { NotFoundSources } from './not-found.ts';
import type { ComparedImages, ImagePair } from './reading-tasks.ts';
import {
  createReadingThread,
  GivenUp,
  type TaskInput,
  type TaskName,
  type TaskResult,
} from './reading-thread.ts';
import type { SourceMentions } from './source-mentions.ts';

/** What an image needs in order to run. */
export type ReadNeeds = Pick<FoundNeeds, 'needs' | 'named' | 'installed'>;

/**
 * Reads the files that the builds of one trial have left, in a thread of its own. Nothing that a build writes can block this thread or throw
 * here: what takes too long is left out, and {@link TreeReader.gaps} says so.
 */
export interface TreeReader {
  /** @returns with `isCut` if nothing can be said about the images */
  compareImages(pair: ImagePair): Promise<ComparedImages>;
  /** @param locate finds a library of the root by its soname, as a path of this machine */
  readImageNeeds(image: string, locate: (soname: string) => string | undefined): Promise<ReadNeeds>;
  readMentions(folder: string): Promise<SourceMentions>;
  readVersions(layers: readonly string[]): Promise<DescribedVersions>;
  readOptions(layers: readonly string[]): Promise<readonly BuildOption[]>;
  readNotFound(layers: readonly string[], sources: NotFoundSources): Promise<string>;
  /** @returns the differences byte for byte; undefined if the images are too large to be compared */
  compareExactly(pair: Pick<ImagePair, 'base' | 'image'>): Promise<readonly ExactDifference[] | undefined>;
  /** @returns undefined if not everything can be read */
  digestImage(image: string): Promise<string | undefined>;
  /** @returns the place, in the list, of the header that calls one of the functions */
  findCall(files: readonly string[], symbols: readonly string[]): Promise<number | undefined>;
  /** @param isDefault see `findTests` of found-tests.ts */
  findTests(layers: readonly string[], isDefault: boolean): Promise<boolean>;
  /** Clauses about what could not be read so far, each once. */
  gaps(): readonly string[];
  close(): void;
}

/** Limits in milliseconds. Two or three images are read for one comparison, each within its own limit. */
const COMPARING_TIME = 15 * 60_000;
const READING_TIME = 2 * 60_000;

/** The number of files that a sentence names. */
const NAMED = 3;

/** @param signal ends the running task; every later one rejects with its reason */
export function createTreeReader(signal: AbortSignal | undefined): TreeReader {
  const thread = createReadingThread(signal);
  const gaps = new Set<string>();

  /** Runs a task; if it is given up, that is a gap. */
  async function attempt<Name extends TaskName>(
    name: Name,
    input: TaskInput<Name>,
    otherwise: TaskResult<Name>,
    gap: string,
  ): Promise<TaskResult<Name>> {
    try {
      return await thread.run(name, input, name.startsWith('compare') ? COMPARING_TIME : READING_TIME);
    } catch (error) {
      if (!(error instanceof GivenUp)) throw error;
      gaps.add(gap);
      return otherwise;
    }
  }

  return {
    async compareImages(pair) {
      const nothing: ComparedImages = { differences: [], uncompared: [], isCut: true };
      const compared = await attempt('compare', pair, nothing, NOT_COMPARED);
      if (compared.isCut) gaps.add(NOT_COMPARED);
      if (compared.uncompared.length > 0) gaps.add(describeUncompared(compared.uncompared));
      return compared;
    },
    async readImageNeeds(image, locate) {
      const listed = await attempt(
        'listNeeds',
        image,
        { needs: [], named: [], installed: undefined, sonames: [], isWhole: false },
        NOT_SEARCHED,
      );
      if (!listed.isWhole) gaps.add(NOT_SEARCHED);
      const files = listed.sonames.flatMap((soname): [string, string][] => {
        const file = locate(soname);
        return file === undefined ? [] : [[soname, file]];
      });
      const { needs, named, installed } = listed;
      if (files.length === 0) return { needs, named, installed };
      return { needs: await attempt('markUsed', new Map(files), needs, NOT_SEARCHED), named, installed };
    },
    readMentions: (folder) =>
      attempt(
        'readMentions',
        folder,
        { includes: new Set(), cmakePackages: new Set() },
        'the headers that the sources include are not known, because reading them takes too long',
      ),
    readVersions: (layers) =>
      attempt(
        'readVersions',
        layers,
        { meson: [], cmake: [], found: [], perl: [] },
        'the versions that the build files ask for are not known, because reading them takes too long',
      ),
    readOptions: (layers) =>
      attempt(
        'readOptions',
        layers,
        [],
        'the options of the build are not known, because reading its files takes too long',
      ),
    readNotFound: (layers, sources) =>
      attempt(
        'readNotFound',
        { layers, sources },
        '',
        'it is not known what CMake and Python did not find, because reading their files takes too long',
      ),
    compareExactly: (pair) => attempt('compareExactly', pair, undefined, NOT_COMPARED),
    digestImage: (image) => attempt('digestImage', image, undefined, NOT_COMPARED),
    findCall: (files, symbols) =>
      attempt(
        'findCall',
        { files, symbols },
        undefined,
        'the headers that call functions of other libraries are not known, because reading them takes too long',
      ),
    findTests: (layers, isDefault) =>
      attempt(
        'findTests',
        { layers, isDefault },
        false,
        'it is not known whether the sources have tests, because looking for them takes too long',
      ),
    gaps: () => [...gaps],
    close: () => thread.close(),
  };
}

const NOT_COMPARED =
  'the installed images were not compared, because they have too many files, or reading them takes too long';
const NOT_SEARCHED =
  'not all installed files were searched for what they need in order to run, because they are too many or too large';

function describeUncompared(paths: readonly string[]): string {
  const rest = paths.length - NAMED;
  const named = `${paths.slice(0, NAMED).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
  const [were, their] = paths.length === 1 ? ['was', 'its'] : ['were', 'their'];
  return `${named} ${were} compared by ${their} size only, because ${their} content cannot be read or takes too long to read`;
}
