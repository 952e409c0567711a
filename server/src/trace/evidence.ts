/** An installed package as the record needs it for matching atoms. */
export interface RecordedPackage {
  readonly category: string;
  readonly name: string;
  /** Version with revision, `PVR` of PMS 11.1. */
  readonly version: string;
  readonly slot: string;
  readonly subslot: string;
  readonly use: readonly string[];
}

/** One traced access that stands for all of its kind. Paths are as the sandbox shows them. */
export interface Evidence {
  readonly phase: string;
  /** The program that made the access, e.g. `/usr/bin/cpp`. */
  readonly program: string;
  /** The chain from the phase's function to the program, outermost first, e.g. `['src_compile', 'make', 'cc1']`. */
  readonly chain: readonly string[];
  readonly operation: 'execute' | 'read' | 'look-up' | 'link';
  readonly path: string;
  /** `denied` when the view hid the path; `seen` when it could be used. */
  readonly result: 'denied' | 'seen';
  /** How many accesses this one stands for. */
  readonly count: number;
}

/** How many pieces of evidence are kept of one package used in one way: enough to explain a finding, never the whole trace. */
export const EVIDENCE_KEPT = 4;

/** A version that the build's own check asks for, such as `libpng >= 1.2` in the arguments of pkg-config. */
export interface VersionBound {
  readonly operator: '>=' | '>' | '=' | '<=' | '<';
  /** As upstream numbers it. */
  readonly version: string;
  /** Where it was stated, for the report, e.g. `pkg-config --exists 'libpng >= 1.2'` or `meson.build:12`. */
  readonly statedBy: string;
}

/** Something that a build did and should not do, apart from dependencies. */
export interface Incident {
  readonly kind: 'network-access' | 'unowned-file';
  readonly evidence: Evidence;
}
