import { join } from 'node:path';
import type { RunnerSettings } from '../../host/find-world.ts';
import type { InstalledPackage } from '../../installed/vdb.ts';
import type { Layering } from '../../layers/add-layers.ts';
import type { EvaluatedMetadata } from '../../package-manager/port.ts';
import { packageId } from '../../pms/package-id.ts';
import { ebuildFile } from '../../repository/ebuild-location.ts';
import { DEFAULT_LIMITS } from '../../sandbox/limits.ts';
import type { PlacedTrial } from '../../trial/trial-place.ts';
import { describeInputRoot, type InputRootInput } from '../input-root/input-root.ts';
import { ANSWER_PLACE, ENTRY_PLACE, ORDER_PLACE, type TrialOrder } from '../order.ts';
import { type ActionInput, describeAction, type RemoteAction } from './action.ts';

/** Besides the limit of the trial: for the worker's own work (in milliseconds). */
const TIME_TO_PREPARE = 10 * 60_000;

/** What is known of a trial before a worker is asked. */
export interface ProvidedTrial {
  readonly metadata: EvaluatedMetadata;
  readonly layering: Layering | undefined;
  /** The installed packages whose files travel. */
  readonly provided: ReadonlySet<InstalledPackage>;
}

/** What is the same for all trials on a server. */
export interface TrialActionSetting
  extends Pick<InputRootInput, 'programs' | 'digests' | 'absoluteLinks'>,
    Pick<ActionInput, 'properties'> {
  /** The settings for the workers. */
  readonly settings: Pick<RunnerSettings, 'buildJobs' | 'limits'>;
}

export interface DescribedTrial {
  readonly action: RemoteAction;
  /** See `InputRoot`. */
  readonly gaps: readonly string[];
}

/** Describes what a worker is asked to do, with all that it needs for it. @throws the errors of {@link describeInputRoot} */
export function describeTrial(
  { settings, programs, digests, absoluteLinks, properties }: TrialActionSetting,
  { world, root, location, text, extent }: PlacedTrial,
  { metadata, layering, provided }: ProvidedTrial,
): DescribedTrial {
  const order: TrialOrder = {
    format: 1,
    file: ebuildFile(location),
    extent,
    settings: {
      root: world.rootPath,
      packageManager: world.packageManager.name,
      buildJobs: settings.buildJobs,
      bwrap: programs.bwrap,
      ...(settings.limits !== undefined && { limits: settings.limits }),
    },
    metadata,
    ...orderLayers(layering),
    absent: root.packages.filter((installed) => !provided.has(installed)).map(packageId),
  };
  // 0 is no limit.
  const limit = settings.limits?.time ?? DEFAULT_LIMITS.time;
  const { tree, gaps } = describeInputRoot({
    ...{ world, root, location, text, order, provided, programs, digests, absoluteLinks },
    distfiles: metadata.distfiles,
  });
  const action = describeAction({
    input: tree,
    words: [
      // From the working directory, because not every worker enters the input root.
      ...[ENTRY_PLACE.slice(1), 'enter'],
      ...[programs.node, join(programs.product, 'cli/ebuild-audit.mjs'), 'work', ORDER_PLACE, ANSWER_PLACE],
    ],
    environment: { EBUILD_AUDIT_HOME: world.home, HOME: '/tmp', PATH: '/usr/bin:/bin:/usr/sbin:/sbin' },
    properties,
    output: ANSWER_PLACE,
    time: limit === 0 ? 0 : limit + TIME_TO_PREPARE,
  });
  return { action, gaps };
}

function orderLayers(layering: Layering | undefined): Pick<TrialOrder, 'layering'> {
  if (layering?.stack === undefined) return {};
  const { root: _root, release: _release, stack, ...plain } = layering;
  return { layering: { ...plain, stack } };
}
