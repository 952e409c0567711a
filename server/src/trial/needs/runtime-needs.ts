import type { Need, PackageUse } from '../../audit/record.ts';
import { toRecorded } from '../../host/root-state.ts';
import type { ImageNeed } from '../../image/image-needs.ts';
import type { InstalledPackage } from '../../installed/vdb.ts';
import { EVIDENCE_KEPT, type Evidence } from '../../trace/evidence.ts';
import type { UseKind } from '../../trace/use-kind.ts';
import type { AtomWriter } from './atoms/atom-writer.ts';
import { markDeprecated } from './need.ts';
import type { OwnedNeed } from './owned-need.ts';
import type { RuntimeLicence } from './runtime-licence.ts';

export interface RuntimeInput {
  readonly owned: readonly OwnedNeed[];
  /** The packages whose libraries another build would link anew. */
  readonly relinked: ReadonlySet<InstalledPackage>;
  readonly licence: RuntimeLicence;
  readonly atoms: AtomWriter;
}

/**
 * Finds the packages that the installed image needs in order to run: `uses` are those that RDEPEND, its closure or @system brings, `needs`
 * are the others. If only the closure brings a library and the image asks it for no symbol, it is not a use: another package asked the
 * linker for it.
 */
export function describeRuntime({
  owned,
  relinked,
  licence: { licenceFor, findThrough },
  atoms: writer,
}: RuntimeInput): {
  readonly needs: Need[];
  readonly uses: PackageUse[];
} {
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
        ({ need }) => USE_KINDS[need.kind] === kind && !(isClosure && need.symbols?.length === 0),
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
}

/** The kind of use. A .pc file's `Requires:` is not a use at run time. */
const USE_KINDS: Readonly<Record<ImageNeed['kind'], UseKind | undefined>> = {
  library: 'linked',
  interpreter: 'interpreter',
  module: 'interpreter',
  'pkg-config': undefined,
};

const OPERATIONS: Readonly<Record<ImageNeed['kind'], Evidence['operation']>> = {
  library: 'link',
  interpreter: 'execute',
  module: 'execute',
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
