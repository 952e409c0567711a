import { digestOf } from '../../../host/digest.ts';
import { NOTHING_NAMED } from '../../../host/named-paths.ts';
import { PRODUCT_VERSION } from '../../../host/product-version.ts';
import type { RootState } from '../../../host/root-state.ts';
import { ownersOf } from '../../../host/root-state.ts';
import type { TrialWorld } from '../../../host/world.ts';
import { closeOverRuntime } from '../../../installed/visible-set.ts';
import { BUILD_ENVIRONMENT } from '../../../package-manager/plain-environment.ts';
import type { EvaluatedMetadata } from '../../../package-manager/port.ts';
import { packageId } from '../../../pms/package-id.ts';
import type { EbuildLocation } from '../../../repository/ebuild-location.ts';
import { readInputs } from '../../inputs.ts';

/** The keys by which the snapshots of a build are found. */
export interface BuildKeys {
  readonly build: string;
  /** The key of the unpacked sources; undefined if they may depend on USE flags. */
  readonly sources: string | undefined;
  /** See `readFolderDigest`. */
  readonly folder: string;
}

/**
 * Makes digests of all inputs of a build except the view: the text that is built, the package's files, eclasses, distfiles,
 * configuration, USE flags, the package manager with the installed packages that it needs in order to run, and this program.
 *
 * The other installed packages count step by step, as far as the step touched them; see `createFingerprint` and `digestOwners`.
 *
 * @param builtText see `writeBuildText`
 * @throws an error of the file system if an existing folder cannot be read
 */
export async function readBuildKeys(
  world: Pick<TrialWorld, 'rootPath' | 'home' | 'packageManager' | 'buildsAsOther'>,
  root: RootState,
  location: EbuildLocation,
  builtText: string,
  metadata: EvaluatedMetadata,
): Promise<BuildKeys> {
  const { packageManager } = world;
  const { inputs } = await readInputs(world, location, {
    ...metadata,
    states: [metadata.use],
    probed: [],
    programs: [],
    packages: new Set(
      [...closeOverRuntime(ownersOf(root, packageManager.files.programs), root.lookup)].map(packageId),
    ),
    // Each step keeps those that it named.
    named: NOTHING_NAMED,
    installed: undefined,
  });
  const shared = [
    PRODUCT_VERSION,
    BUILD_ENVIRONMENT,
    `${packageManager.name} ${packageManager.version}`,
    // A user cannot use the overlay layers of another user.
    `${process.geteuid?.()} ${world.buildsAsOther}`,
    world.rootPath,
    root.stack?.digest,
    location,
    inputs,
    metadata.eapi,
    metadata.inherited,
    builtText,
  ];
  return {
    build: digestOf([...shared, metadata.use]),
    folder: inputs['the folder of the package'],
    sources: canShareSources(metadata) ? digestOf([...shared, 'sources']) : undefined,
  };
}

/**
 * Whether the unpacked sources are the same for all USE flags, except for the choice of distfiles. They are if the package manager's own
 * `src_unpack` (PMS 9.1.4) unpacks them; a function of the ebuild or an eclass may ask for flags.
 */
export function canShareSources({
  definedPhases,
  distfiles,
}: Pick<EvaluatedMetadata, 'definedPhases' | 'distfiles'>): boolean {
  return distfiles.length > 0 && !definedPhases.includes('setup') && !definedPhases.includes('unpack');
}

/** The key of a step. @param basis the id of the step before it, if there is one, and the key of the build */
export function keyOfStep(basis: readonly string[], phases: readonly string[]): string {
  return digestOf([basis, phases]).slice(0, 24);
}
