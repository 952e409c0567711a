import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { UserError } from '../../errors/user-error.ts';
import { runInFullView } from '../../evaluation/evaluate.ts';
import { hiddenInFullView } from '../../evaluation/root-run.ts';
import { describeView } from '../../evaluation/sandbox-view.ts';
import { layBuildFolder, locateInWork, type WorkFolder } from '../../evaluation/work-folder.ts';
import { diskError, guardDisk } from '../../host/disk-room.ts';
import {
  PACKAGE_ENTRIES,
  type PackageManager,
  type PackageWriter,
  type PackedMetadata,
} from '../../package-manager/port.ts';
import type { LayeredFolder, SandboxSpec } from '../../sandbox/sandbox.ts';
import type { BuildOutcome } from '../builder/build-plan.ts';
import { findFirstError } from '../builder/first-error.ts';
import { locateImage } from '../builder/image-location.ts';
import { type OpenBuilds, openSession, type SessionInput, type TrialSession } from '../session.ts';
import { lackingDependency, lacksBuildDependency } from '../start-record.ts';
import { isPlainFile, nextBuildId, pathOfPackage, storePackage } from './package-folder.ts';
import type { PackageRequest, WrittenPackage } from './package-request.ts';

/**
 * The folder of our files in the sandbox, read-only. They must not be in the work folder: the code of an ebuild may have put links there, through
 * which they would be written elsewhere on this machine.
 */
const OWN_PLACE = '/var/ebuild-audit-package';

/** What the phase is called in progress and messages. */
const PACKAGE_PHASE = 'package';

/**
 * Takes the image of a verified ebuild from snapshots, or builds it again if there are none, and writes it as a binary package. The package
 * manager packs it in the sandbox, in a view of the whole root, and then reads it back in a sandbox in which nothing of the ebuild runs.
 *
 * @throws UserError if the ebuild does not build in the view that it declares, the package manager writes no gpkg or fails, or the folder cannot be
 *   written; and the errors of a trial
 */
export async function writePackage(
  input: Omit<SessionInput, 'text' | 'use' | 'fresh' | 'verbatim' | 'tests'>,
  request: PackageRequest,
): Promise<WrittenPackage> {
  const packages = demandPackageWriter(input.world.packageManager);
  const { text, use, tests, fresh } = request;
  const session = await openSession({ ...input, text, use, tests, fresh: false, verbatim: fresh });
  try {
    if (lacksBuildDependency(session.record)) throw lackingDependency(session.record);
    const builds = await session.openBuilds();
    const built = await builds.build({});
    if (built.image === undefined) throw notBuilt(built);
    session.progress.show(PACKAGE_PHASE, 0);
    const image = await session.reader.digestImage(built.image);
    const buildId = nextBuildId(request.folder, session.location);
    const additions = listAdditions(request.record, image);
    const source = await pack({ session, builds, built, packages }, additions, { ...request, buildId });
    await checkPacked({ session, packages, source }, additions, buildId);
    const { folder, replaces } = request;
    return { path: await storePackage(source, folder, session.location, { buildId, replaces }), image };
  } finally {
    await session.close();
  }
}

/** @throws UserError if the package manager writes no gpkg */
export function demandPackageWriter({
  name,
  packageWriter,
}: Pick<PackageManager, 'name' | 'packageWriter'>): PackageWriter {
  if (packageWriter !== undefined) return packageWriter;
  throw new UserError(
    `${name} writes no binary packages in the form of GLEP 78: use --package-manager portage with --buildpkg.`,
  );
}

function notBuilt({ passed, failure }: BuildOutcome): UserError {
  const reason = passed
    ? 'the installed image was not found'
    : `the ${failure?.phase} phase fails if only the declared packages are visible (${failure?.firstError})`;
  return new UserError(`No binary package was written, because ${reason}: fix that and try again.`);
}

/** The files to add to the metadata, by their names. */
type Additions = Readonly<Record<string, string | Uint8Array>>;

function listAdditions(record: string, image: string | undefined): Additions {
  const { record: recordEntry, image: imageEntry } = PACKAGE_ENTRIES;
  return { [recordEntry]: gzipSync(record), ...(image !== undefined && { [imageEntry]: `${image}\n` }) };
}

interface PackInput {
  readonly session: TrialSession;
  readonly builds: OpenBuilds;
  readonly built: BuildOutcome;
  readonly packages: PackageWriter;
}

/** @returns the path of the package on this machine, of which only the last part may be a link */
async function pack(
  { session, builds, built, packages }: PackInput,
  additions: Additions,
  { buildId, use }: Pick<PackageRequest, 'use'> & { readonly buildId: number },
): Promise<string> {
  const { world, root, location } = session;
  const own = join(session.folder.path, 'package-additions');
  guardDisk(() => {
    mkdirSync(own);
    for (const [name, content] of Object.entries(additions)) writeFileSync(join(own, name), content);
  });
  const { folder, layered } = layImage(session, built);
  const { paths } = folder;
  const spec: SandboxSpec = describeView({
    layout: root.layout,
    folder,
    files: world.packageManager.files,
    repositories: [...root.repositories, paths.repository],
    hidden: hiddenInFullView(root),
    command: packages.packCommand(paths, {
      buildId,
      additions: OWN_PLACE,
      test: builds.tests === 'run',
      use,
    }),
    trace: false,
  });
  const binds = [...spec.binds, { source: own, target: OWN_PLACE, writable: false }];
  builds.log.startBuild('binary package');
  const { status } = await world.sandbox.run(
    { ...spec, binds, ...(layered !== undefined && { layered: [layered] }) },
    { event() {}, output: (chunk) => builds.log.write(chunk) },
  );
  const failure = builds.log.failure();
  if (failure !== undefined) throw diskError(failure);
  const relative = `${packages.packageFolder(paths)}/${pathOfPackage(location, buildId)}`.slice(
    paths.work.length,
  );
  const place = locateImage(folder.work, dirname(relative));
  const path = place === undefined ? undefined : join(place, basename(relative));
  if (status === 0 && path !== undefined && isPlainFile(path)) return path;
  throw new UserError(
    `${world.packageManager.name} did not write the binary package (${findFirstError(builds.log.tail())}): ${builds.log.path} has its output.`,
  );
}

/**
 * Shows what the build has left, to be changed without changing the snapshots. The work folder is a new one, so that it has nothing that the code
 * of the ebuild has put there. A build in one run has left everything in its own work folder, and its image beside it.
 */
function layImage(
  { world, folder }: TrialSession,
  { layers, image }: BuildOutcome,
): { readonly folder: WorkFolder; readonly layered: LayeredFolder | undefined } {
  const { packageManager } = world;
  const target = packageManager.buildFolder(folder.paths);
  if (layers.every((layer) => layer !== locateInWork(folder, target))) {
    const fresh = { ...folder, work: makeWork(folder, 'packing') };
    return { folder: fresh, layered: layBuildFolder(fresh, target, layers).layered };
  }
  const place = packageManager.imageFolder(folder.paths).slice(folder.paths.work.length);
  const above = locateImage(folder.work, dirname(place));
  if (above === undefined || image === undefined)
    throw new UserError(
      'No binary package was written, because the build has removed its own folder: fix the ebuild and try again.',
    );
  renameSync(image, join(above, basename(place)));
  return { folder, layered: undefined };
}

function makeWork(folder: WorkFolder, name: string): string {
  const work = join(folder.path, name);
  mkdirSync(work);
  // If root starts the run, an unprivileged user must be able to enter the folder.
  chmodSync(work, 0o755);
  return work;
}

/**
 * Reads the package back, which shows that it is whole, and that the code of the ebuild has not replaced what was added.
 *
 * @throws UserError if it is not what it should be
 */
async function checkPacked(
  {
    session,
    packages,
    source,
  }: { readonly session: TrialSession; readonly packages: PackageWriter; readonly source: string },
  additions: Additions,
  buildId: number,
): Promise<void> {
  const { world, root, location } = session;
  const work = makeWork(session.folder, 'reading');
  const name = basename(source);
  const folder = { ...session.folder, work, distfiles: [{ name, source }] };
  const { output } = await runInFullView(world.sandbox, {
    root,
    folder,
    files: world.packageManager.files,
    command: packages.readCommand(folder.paths, `${folder.paths.distfiles}/${name}`),
  });
  const expected: PackedMetadata = {
    category: location.category,
    packageAndVersion: location.packageAndVersion,
    buildId: String(buildId),
    additions: Object.fromEntries(
      Object.entries(additions).map(([entry, content]) => [
        entry,
        createHash('sha256').update(content).digest('hex'),
      ]),
    ),
  };
  const packed = readPacked(packages, output);
  const wrong = (Object.keys(expected) as (keyof PackedMetadata)[]).filter(
    (key) => JSON.stringify(packed[key]) !== JSON.stringify(expected[key]),
  );
  if (wrong.length > 0)
    throw new UserError(
      `No binary package was written, because the code of the ebuild has changed its metadata (${wrong.join(', ')}): fix the ebuild and try again.`,
    );
}

function readPacked(packages: PackageWriter, output: string): PackedMetadata {
  try {
    return packages.readPacked(output);
  } catch (error) {
    throw new UserError(
      `No binary package was written, because it cannot be read back (${findFirstError(output)}): ${(error as Error).message}`,
      { cause: error },
    );
  }
}
