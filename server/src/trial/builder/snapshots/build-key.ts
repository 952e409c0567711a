import { withoutIgnoreComments } from '../../../audit/silencing/ignore-comment.ts';
import type { Assignment, EbuildFacts } from '../../../ebuild/ebuild-facts.ts';
import { digestOf } from '../../../host/digest.ts';
import { PRODUCT_VERSION } from '../../../host/product-version.ts';
import type { RootState } from '../../../host/root-state.ts';
import { ownersOf } from '../../../host/root-state.ts';
import type { TrialWorld } from '../../../host/world.ts';
import type { EvaluatedMetadata } from '../../../package-manager/port.ts';
import { packageId } from '../../../pms/package-id.ts';
import type { TextRange } from '../../../pms/text-range.ts';
import type { EbuildLocation } from '../../../repository/ebuild-location.ts';
import { readInputs } from '../../inputs.ts';

/** The keys by which the snapshots of a build are found. */
export interface BuildKeys {
  readonly build: string;
  /** The key of the unpacked sources; undefined if they may depend on USE flags. */
  readonly sources: string | undefined;
}

/**
 * Makes digests of all inputs of a build except the view: the text without its dependencies, the package's files, eclasses, distfiles,
 * configuration, installed packages, USE flags, the package manager and this program.
 *
 * All installed packages count, not only those that were touched: a file that a step looked for in vain may have an owner tomorrow.
 *
 * @throws an error of the file system if an existing folder cannot be read
 */
export async function readBuildKeys(
  world: Pick<TrialWorld, 'rootPath' | 'home' | 'packageManager' | 'buildsAsOther'>,
  root: RootState,
  location: EbuildLocation,
  facts: EbuildFacts,
  metadata: EvaluatedMetadata,
): Promise<BuildKeys> {
  const { packageManager } = world;
  const { inputs } = await readInputs(world.rootPath, world.home, location, {
    ...metadata,
    states: [metadata.use],
    probed: [],
    programs: ownersOf(root, packageManager.files.programs).map(packageId),
    packages: 'all',
  });
  const shared = [
    PRODUCT_VERSION,
    `${packageManager.name} ${packageManager.version}`,
    // A user cannot use the overlay layers of another user.
    `${process.geteuid?.()} ${world.buildsAsOther}`,
    world.rootPath,
    location,
    inputs,
    metadata.eapi,
    metadata.inherited,
    withoutDependencies(facts),
  ];
  return {
    build: digestOf([...shared, metadata.use]),
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

/** `DEPEND` and its like (PMS 8.1), and the helper variables that ebuilds name after them. */
const DEPENDENCY_VARIABLE = /^(?:\w*_)?[BRPI]?DEPEND$/;

/**
 * An ebuild's text without its dependencies and without the empty lines between its statements: two ebuilds with the same result are built
 * alike in the same view. If other code of the ebuild refers to its dependencies, the result is the whole text.
 */
export function withoutDependencies({ text, assignments, functions }: EbuildFacts): string {
  const isDependency = ({ name, closed }: Assignment) => closed && DEPENDENCY_VARIABLE.test(name);
  const dependencies = assignments.filter(isDependency);
  const kept = [...functions, ...assignments.filter((assignment) => !isDependency(assignment))];
  const emptyLines = [...text.matchAll(/^[ \t]*\n/gm)]
    .map(({ index, 0: line }): TextRange => ({ start: index, end: index + line.length }))
    .filter((line) => !kept.some(({ start, end }) => start < line.start && line.end <= end));
  let rest = '';
  let done = 0;
  const removed = [...dependencies.map((assignment) => wholeLines(text, assignment)), ...emptyLines];
  for (const { start, end } of removed.sort((left, right) => left.start - right.start)) {
    if (start > done) rest += text.slice(done, start);
    done = Math.max(done, end);
  }
  rest += text.slice(done);
  const names = new Set(dependencies.map(({ name }) => name));
  const refersToThem = [...rest.matchAll(/\$\{?!?(\w+)/g)].some(([, name = '']) => names.has(name));
  return withoutIgnoreComments(refersToThem ? text : rest);
}

/** Extends a range to whole lines, if the rest of its lines is blank. */
function wholeLines(text: string, { start, end }: TextRange): TextRange {
  const line = text.lastIndexOf('\n', start - 1) + 1;
  const after = /^[ \t]*\n/.exec(text.slice(end))?.[0].length;
  const isAlone = text.slice(line, start).trim() === '' && after !== undefined;
  return isAlone ? { start: line, end: end + after } : { start, end };
}
