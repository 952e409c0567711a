import type { PackageUse } from '../../audit/record.ts';
import { type RootState, toRecorded } from '../../host/root-state.ts';
import type { InstalledPackage } from '../../installed/vdb.ts';
import { closeOverRuntime, type VisiblePackage } from '../../installed/visible-set.ts';
import { packageId } from '../../pms/package-id.ts';
import type { ObservedUse } from '../../trace/attribution.ts';
import { variablesOf } from '../../trace/use-kind.ts';
import { licenceOf } from '../builder/root-knowledge.ts';
import type { AtomWriter } from './atoms/atom-writer.ts';
import { findInstalledPackage } from './need.ts';
import { mentionsHeader, type SourceMentions } from './source-mentions.ts';

export interface BuildUsesInput {
  readonly uses: readonly ObservedUse[];
  readonly visible: ReadonlyMap<InstalledPackage, VisiblePackage>;
  readonly root: RootState;
  /** The packages that the image links and uses symbols of. */
  readonly linked: ReadonlySet<InstalledPackage>;
  /** Packages that are told as needs. */
  readonly needed: ReadonlySet<InstalledPackage>;
  /** Asked for where it decides something. */
  readMentions(): Promise<SourceMentions>;
  readonly atoms: AtomWriter;
}

/**
 * What the ebuild's own processes used of the visible packages. Of what is only visible through another package no more is told than
 * what the build asked for by itself: headers include each other, and cmake's modules look for others.
 */
export async function describeBuildUses(input: BuildUsesInput): Promise<PackageUse[]> {
  const { root, visible, atoms } = input;
  const shown = [...visible].filter(([, { visibility }]) => visibility !== 'hidden');
  const ofReason = (reason: VisiblePackage['reason']) =>
    shown.filter(([, one]) => one.reason === reason).map(([installed]) => installed);
  const findThrough = createFindThrough(root, [
    [...ofReason('declared'), ...ofReason('revealed')],
    ofReason('system'),
  ]);
  const found: PackageUse[] = [];
  for (const use of input.uses) {
    const installed = findInstalledPackage(root, use.package);
    // How it was visible is the view's matter: a step that was taken over may have been run in another one.
    const licence = licenceOf(visible.get(installed));
    if (licence === 'hidden' || licence === 'package-manager-only' || input.needed.has(installed)) continue;
    const kinds = licence === 'closure' ? await keepDirect(use, installed, input) : use.kinds;
    if (kinds.length === 0) continue;
    found.push({
      package: toRecorded(installed),
      atom: atoms.atomFor(installed, variablesOf(kinds.map(({ kind }) => kind))[0]),
      licence,
      ...(licence === 'closure' && { through: findThrough(installed) }),
      kinds,
      bounds: atoms.boundsOf(installed),
    });
  }
  return found;
}

async function keepDirect(
  { kinds }: ObservedUse,
  installed: InstalledPackage,
  { root, linked, readMentions }: BuildUsesInput,
): Promise<ObservedUse['kinds']> {
  const kept: ObservedUse['kinds'][number][] = [];
  for (const one of kinds) {
    if (await isDirect(one)) kept.push(one);
  }
  return kept;

  async function isDirect({ kind, evidence }: ObservedUse['kinds'][number]): Promise<boolean> {
    switch (kind) {
      case 'program':
      case 'build-module':
      case 'pkg-config':
        return true;
      case 'library':
        return linked.has(installed);
      case 'header': {
        const mentions = await readMentions();
        for (const { path } of root.index.filesOf(installed))
          if (path.includes('/include/') && mentionsHeader(mentions, path)) return true;
        return false;
      }
      case 'cmake': {
        const { cmakePackages } = await readMentions();
        return evidence.some(({ path }) => {
          const name = /([^/]+?)-?config\.cmake$/i.exec(path)?.[1];
          return name !== undefined && cmakePackages.has(name.toLowerCase());
        });
      }
      case 'description':
      case 'data':
        return false;
    }
  }
}

/** As many packages as help a reader. */
const MOST_THROUGH = 5;

/**
 * Says through which packages another one is visible: those whose RDEPEND closure holds it, as category/name.
 *
 * @param ranks the first of them in which there is one answers
 */
export function createFindThrough(
  { lookup }: Pick<RootState, 'lookup'>,
  ranks: readonly (readonly InstalledPackage[])[],
): (one: InstalledPackage) => string[] {
  const closures = new Map<InstalledPackage, ReadonlySet<InstalledPackage>>();
  const closureOf = (one: InstalledPackage) => {
    const known = closures.get(one) ?? closeOverRuntime([one], lookup);
    closures.set(one, known);
    return known;
  };
  return (wanted) => {
    for (const packages of ranks) {
      const through = packages.filter((one) => one !== wanted && closureOf(one).has(wanted));
      const names = through.map(({ category, name }) => `${category}/${name}`);
      if (names.length > 0) return [...new Set(names)].sort().slice(0, MOST_THROUGH);
    }
    return [];
  };
}

/** Ids of packages that were used in a way that says what they are for. */
export function listUsed(uses: readonly PackageUse[]): Set<string> {
  return new Set(
    uses
      .filter(({ kinds }) => kinds.some(({ kind }) => kind !== 'data'))
      .map((one) => packageId(one.package)),
  );
}
