/**
 * The inputs of a trial in a form that is the same on every machine: no absolute path of a machine, no time, no inode. `trial/inputs.ts` has
 * the form that notices every change on one machine.
 */
import type { InputBasis } from '../trial/inputs.ts';
import type { TrialExtent } from '../trial/records/record-file.ts';
import { canonicalDigest } from './canonical-json.ts';
import {
  ATOM,
  byVariable,
  CATEGORY,
  DIGEST,
  ECLASS,
  FLAG,
  PACKAGE_AND_VERSION,
  PACKAGE_ID,
} from './record-shape.ts';
import { checked, count, flag, list, object, oneOf, type Shape, text, word } from './shape.ts';

/** The inputs that are known before anything is evaluated. Records are found by it. */
export interface PortableQuestion {
  readonly category: string;
  /** `PF` of PMS 11.1. */
  readonly packageAndVersion: string;
  /** The name of the ebuild's repository. */
  readonly repository: string;
  /** The SHA-256 of the text without the comments that ignore findings. */
  readonly text: string;
  /** Name and version. */
  readonly packageManager: string;
  /** The version of Ebuild Audit, and what a trial of it records. */
  readonly product: string;
  readonly recordFormat: number;
}

/** A file or several, by a name that says nothing about the machine. */
export interface NamedDigest {
  readonly name: string;
  readonly digest: string;
}

/** An installed package as far as another machine can have the same. */
export interface PortablePackage {
  /** `category/name-version` */
  readonly id: string;
  /** With the subslot: `0/1.1`. */
  readonly slot: string;
  /** The flags that are on, sorted. */
  readonly use: readonly string[];
  /** The SHA-256 of the paths of its files, without times and sums. */
  readonly files: string;
  /** Why it is an input, e.g. `full declared`. */
  readonly roles: readonly string[];
}

export interface PortableInputs {
  readonly question: PortableQuestion;
  readonly extent: TrialExtent;
  /** The files of the package's folder that builds see, by their path in it; the Manifest counts through `distfiles`. */
  readonly folder: readonly NamedDigest[];
  /** `repository:name` of each eclass, wherever it is. */
  readonly eclasses: readonly NamedDigest[];
  /** The hash of the Manifest, with its name; without one, the SHA-256 of the file. */
  readonly distfiles: readonly NamedDigest[];
  /** `/etc/portage/make.conf`, `gentoo:profiles/base`, … */
  readonly configuration: readonly NamedDigest[];
  /** Sorted by `id`. */
  readonly packages: readonly PortablePackage[];
  readonly system: PortableSystem;
  /** The binary packages that lay on the root, by `category/PF`; absent: none. No other machine is taken to have them. */
  readonly binaryPackages?: readonly NamedDigest[];
}

/** The files of the system that the trial named, apart from those of `packages`. */
interface PortableSystem {
  /** Of all that {@link PortableNames} lists. */
  readonly digest: string;
  /** Packages that own named files and are no input otherwise; `roles` is empty. */
  readonly packages: readonly PortablePackage[];
}

/** The facts from which another machine reads its own inputs; see `InputBasis`. */
export interface PortableBasis extends Omit<InputBasis, 'named' | 'installed' | 'owners' | 'binaryPackages'> {
  readonly named: PortableNames;
}

/** The paths that a trial named, as paths of the root; `<gentoo>/metadata/…` is a path in a repository. */
export interface PortableNames {
  /** The packages that own what was there, as `category/name-version`. */
  readonly owners: readonly string[];
  /** What was there and no package owns. */
  readonly unowned: readonly string[];
  readonly absent: readonly string[];
  readonly listed: readonly string[];
}

/**
 * The digest by which two trials have the same inputs. The files of the system are left out: which of them a build names may depend on the
 * order of its processes. Each record is compared with this machine by them nevertheless.
 */
export function digestInputs({ system: _, ...inputs }: PortableInputs): string {
  return canonicalDigest(inputs);
}

/** The key by which a store has the records for a question. */
export function keyOfQuestion(question: PortableQuestion): string {
  return canonicalDigest({ 'ebuild-audit record': 1, ...question });
}

const MANY = 100_000;
const NAME = text(4096);
const DIGESTS = list(
  object<NamedDigest>({ name: NAME, digest: word(/^[\w ]+$/, 'a digest', 300) }, {}),
  MANY,
);

const QUESTION: Shape<PortableQuestion> = object<PortableQuestion>(
  {
    category: CATEGORY,
    packageAndVersion: PACKAGE_AND_VERSION,
    repository: word(/^[\w.+ -]+$/, 'the name of a repository', 255),
    text: DIGEST,
    packageManager: text(200),
    product: text(100),
    recordFormat: count(1_000_000),
  },
  {},
);

const EXTENT = object<TrialExtent>(
  { quick: flag(), matrix: oneOf('none', 'single', 'pairwise') },
  { tests: flag(), flags: list(FLAG, 1000) },
);

const PACKAGES = list(
  object<PortablePackage>(
    {
      id: PACKAGE_ID,
      slot: word(/^[\w.+/-]+$/, 'a slot', 200),
      use: list(FLAG, 10_000),
      files: DIGEST,
      roles: list(text(200), 1000),
    },
    {},
  ),
  MANY,
);

export const INPUTS: Shape<PortableInputs> = object<PortableInputs>(
  {
    question: QUESTION,
    extent: EXTENT,
    folder: DIGESTS,
    eclasses: DIGESTS,
    distfiles: DIGESTS,
    configuration: DIGESTS,
    packages: PACKAGES,
    system: object<PortableSystem>({ digest: DIGEST, packages: PACKAGES }, {}),
  },
  { binaryPackages: DIGESTS },
);

/** A path of the root or of a repository that leads nowhere else. */
const PLACE = checked(
  word(/^(?:<[\w.+ -]+>)?\/[^\0]*$/, 'a path', 5000),
  (path) => !path.split('/').some((name) => name === '..' || name === '.'),
  'a path',
);
const PLACES = list(PLACE, 400_000);

export const BASIS: Shape<PortableBasis> = object<PortableBasis>(
  {
    inherited: list(ECLASS, 10_000),
    distfiles: list(word(/^[^/\0]+$/, 'the name of a distfile', 255), 10_000),
    states: list(list(FLAG, 10_000), 5000),
    dependencies: byVariable(text()),
    system: list(ATOM, 10_000),
    programs: list(PACKAGE_ID, 10_000),
    probed: list(PACKAGE_ID, 10_000),
    packages: oneOf('visible', 'all'),
    named: object<PortableNames>(
      { owners: list(PACKAGE_ID, MANY), unowned: PLACES, absent: PLACES, listed: PLACES },
      {},
    ),
  },
  {},
);

/** The parts that have names in the schema. */
export const INPUT_PARTS: Readonly<Record<string, Shape<unknown>>> = {
  basis: BASIS,
  inputs: INPUTS,
  namedDigests: DIGESTS,
  packages: PACKAGES,
  places: PLACES,
  question: QUESTION,
};
