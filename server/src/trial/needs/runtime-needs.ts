import type { Need, PackageUse } from '../../audit/record.ts';
import { type RootState, toRecorded } from '../../host/root-state.ts';
import type { ImageNeed } from '../../image/image-needs.ts';
import type { InstalledPackage } from '../../installed/vdb.ts';
import { closeOverRuntime, expandVirtuals, findInstalled } from '../../installed/visible-set.ts';
import { collectAtoms, type DependencyNode, parseDependency } from '../../pms/dependency.ts';
import { EVIDENCE_KEPT, type Evidence } from '../../trace/evidence.ts';
import type { UseKind } from '../../trace/use-kind.ts';
import type { AtomWriter } from './atoms/atom-writer.ts';
import { markDeprecated } from './need.ts';
import type { OwnedNeed } from './owned-need.ts';
import { createFindThrough } from './package-uses.ts';

export interface RuntimeInput {
  readonly owned: readonly OwnedNeed[];
  /** The packages whose libraries another build would link anew. */
  readonly relinked: ReadonlySet<InstalledPackage>;
  readonly root: RootState;
  /** RDEPEND, PDEPEND and IDEPEND, active for the USE state of the trial. */
  readonly runtime: readonly DependencyNode[];
  /** Atoms of @system. */
  readonly system: readonly string[];
  readonly atoms: AtomWriter;
}

/**
 * Finds the packages that the installed image needs in order to run: `uses` are those that RDEPEND, its closure or @system brings, `needs`
 * are the others. If only the closure brings a library and the image asks it for no symbol, it is not a use: another package asked the
 * linker for it.
 */
export function describeRuntime({ owned, relinked, root, runtime, system, atoms: writer }: RuntimeInput): {
  readonly needs: Need[];
  readonly uses: PackageUse[];
} {
  const atoms = (nodes: readonly DependencyNode[]) => collectAtoms(nodes).map(({ atom }) => atom);
  const declared = expandVirtuals(findInstalled(atoms(runtime), root.lookup), root.lookup);
  const ofSystem = expandVirtuals(
    findInstalled(atoms(parseDependency(system.join(' ')).nodes), root.lookup),
    root.lookup,
  );
  const closure = closeOverRuntime(declared, root.lookup);
  const findThrough = createFindThrough(root, [[...declared]]);

  const found = new Map<InstalledPackage, OwnedNeed[]>();
  for (const item of owned) found.set(item.package, [...(found.get(item.package) ?? []), item]);
  const needs: Need[] = [];
  const uses: PackageUse[] = [];
  for (const [installed, ofPackage] of found) {
    const same = {
      package: toRecorded(installed),
      atom: writer.atomFor(installed, 'RDEPEND'),
      ...markDeprecated(installed, 'RDEPEND', writer),
    };
    const licence = licenceFor(installed);
    if (licence === undefined) {
      const evidence = ofPackage.slice(0, EVIDENCE_KEPT).map(toEvidence);
      needs.push({ variable: 'RDEPEND', ...same, certainty: 'proven', evidence });
      continue;
    }
    const isClosure = licence === 'closure';
    const kinds = (['linked', 'interpreter'] as const).flatMap((kind) => {
      const ofKind = ofPackage.filter(
        ({ need }) => USE_KINDS[need.kind] === kind && !(isClosure && need.used === false),
      );
      return ofKind.length === 0 ? [] : [{ kind, evidence: ofKind.slice(0, EVIDENCE_KEPT).map(toEvidence) }];
    });
    if (kinds.length > 0)
      uses.push({
        ...same,
        licence,
        ...(isClosure && { through: findThrough(installed) }),
        kinds,
        bounds: [],
        ...(!relinked.has(installed) && { relinked: false as const }),
      });
  }
  return { needs, uses };

  function licenceFor(installed: InstalledPackage): PackageUse['licence'] | undefined {
    if (declared.has(installed)) return 'declared';
    if (ofSystem.has(installed)) return 'system';
    return closure.has(installed) ? 'closure' : undefined;
  }
}

/** The kind of use. A .pc file's `Requires:` is not a use at run time. */
const USE_KINDS: Readonly<Record<ImageNeed['kind'], UseKind | undefined>> = {
  library: 'linked',
  interpreter: 'interpreter',
  'pkg-config': undefined,
};

const OPERATIONS: Readonly<Record<ImageNeed['kind'], Evidence['operation']>> = {
  library: 'link',
  interpreter: 'execute',
  'pkg-config': 'read',
};

function toEvidence({ need, path }: OwnedNeed): Evidence {
  return {
    phase: 'install',
    program: need.user,
    chain: [need.user],
    operation: OPERATIONS[need.kind],
    path,
    result: 'seen',
    count: 1,
  };
}
