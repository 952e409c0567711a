import type { Evidence, RecordedPackage } from '../evidence.ts';
import type { PathClass } from '../path-class.ts';
import type { Licence } from '../trace-context.ts';
import type { ModuleBound } from './pkg-config-call.ts';

/** A visible package that the ebuild's own processes used; by what right is not said, because that depends on what is declared. */
export interface UseSighting {
  readonly package: RecordedPackage;
  readonly kinds: readonly {
    readonly kind: PathClass;
    readonly evidence: readonly Evidence[];
    /**
     * Whether each time it followed from the use of another package: one that needs it had been used before in the same process, or another
     * package's program asked for it.
     */
    readonly drawn: boolean;
  }[];
  readonly bounds: readonly ModuleBound[];
}

/** A visible package that the ebuild's own processes used, in a view that says by what right. */
export interface ObservedUse {
  readonly package: RecordedPackage;
  readonly licence: Licence;
  /** `data` speaks for no variable, and for no need: a build may do as well without. */
  readonly kinds: readonly { readonly kind: PathClass; readonly evidence: readonly Evidence[] }[];
  readonly bounds: readonly ModuleBound[];
}

/** What only the package manager's sake makes visible, run or loaded by the ebuild itself. */
export interface UnlicensedRun {
  readonly package: RecordedPackage;
  readonly evidence: readonly Evidence[];
}
