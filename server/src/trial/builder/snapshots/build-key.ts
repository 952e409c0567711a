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

/** What the snapshots of a build are found by. */
export interface BuildKeys {
  readonly build: string;
  /** Of the unpacked sources, where they are the same whatever the USE flags. */
  readonly sources: string | undefined;
}

/**
 * Digests of everything that a build rests on but the view: the text without its dependencies, the package's files, eclasses, distfiles,
 * configuration, installed packages, USE flags, the package manager and this program.
 *
 * All installed packages count, not only those that were touched: a file that a step looked for in vain may have an owner tomorrow.
 *
 * @throws what the file system says when a folder that is there cannot be read
 */
export async function readBuildKeys(
  world: Pick<TrialWorld, 'root' | 'home' | 'packageManager' | 'buildsAsOther'>,
  root: RootState,
  location: EbuildLocation,
  facts: EbuildFacts,
  metadata: EvaluatedMetadata,
): Promise<BuildKeys> {
  const { packageManager } = world;
  const { inputs } = await readInputs(world.root, world.home, location, {
    ...metadata,
    states: [metadata.use],
    probed: [],
    programs: ownersOf(root, packageManager.files.programs).map(packageId),
    packages: 'all',
  });
  const shared = [
    PRODUCT_VERSION,
    `${packageManager.name} ${packageManager.version}`,
    // Overlay layers of one user mean nothing to another.
    `${process.geteuid?.()} ${world.buildsAsOther}`,
    world.root,
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
 * Whether sources are the same whatever the USE flags, but for which distfiles there are. The package manager's own `src_unpack` (PMS
 * 9.1.4) unpacks them and asks for no flag; a function of the ebuild or an eclass may.
 */
export function canShareSources({
  definedPhases,
  distfiles,
}: Pick<EvaluatedMetadata, 'definedPhases' | 'distfiles'>): boolean {
  return distfiles.length > 0 && !definedPhases.includes('setup') && !definedPhases.includes('unpack');
}

/** The key of a step: what it rests on, and what it does. @param basis the id of the step before it, and the key of the build */
export function keyOfStep(basis: readonly string[], phases: readonly string[]): string {
  return digestOf([basis, phases]).slice(0, 24);
}

/** `DEPEND` and its like (PMS 8.1), and the helper variables that ebuilds name after them. */
const DEPENDENCY_VARIABLE = /^(?:\w*_)?[BRPI]?DEPEND$/;

/**
 * An ebuild's text without its dependencies, and without the empty lines between its statements: two that have this in common are built
 * alike in the same view. All of the text where something else in it refers to them.
 */
export function withoutDependencies({ text, assignments, functions }: EbuildFacts): string {
  const isDependency = ({ name, closed }: Assignment) => closed && DEPENDENCY_VARIABLE.test(name);
  const dependencies = assignments.filter(isDependency);
  const kept = [...functions, ...assignments.filter((one) => !isDependency(one))];
  const emptyLines = [...text.matchAll(/^[ \t]*\n/gm)]
    .map(({ index, 0: line }): TextRange => ({ start: index, end: index + line.length }))
    .filter((line) => !kept.some(({ start, end }) => start < line.start && line.end <= end));
  let rest = '';
  let done = 0;
  for (const { start, end } of [...dependencies.map((one) => wholeLines(text, one)), ...emptyLines].sort(
    (left, right) => left.start - right.start,
  )) {
    if (start > done) rest += text.slice(done, start);
    done = Math.max(done, end);
  }
  rest += text.slice(done);
  const names = new Set(dependencies.map(({ name }) => name));
  const refersToThem = [...rest.matchAll(/\$\{?!?(\w+)/g)].some(([, name = '']) => names.has(name));
  return withoutIgnoreComments(refersToThem ? text : rest);
}

/** A range with the rest of its lines, where that is only blanks. */
function wholeLines(text: string, { start, end }: TextRange): TextRange {
  const line = text.lastIndexOf('\n', start - 1) + 1;
  const after = /^[ \t]*\n/.exec(text.slice(end))?.[0].length;
  const isAlone = text.slice(line, start).trim() === '' && after !== undefined;
  return isAlone ? { start: line, end: end + after } : { start, end };
}
