/** An installed package with all that matching an atom requires. */
export interface RecordedPackage {
  readonly category: string;
  readonly name: string;
  /** Version with revision (`PVR`, PMS 11.1). */
  readonly version: string;
  readonly slot: string;
  readonly subslot: string;
  readonly use: readonly string[];
}

/** One traced access that stands for all of its kind. Paths are those of the sandbox. */
export interface Evidence {
  readonly phase: string;
  /** The program that made the access, e.g. `/usr/bin/cpp`. */
  readonly program: string;
  /** The chain from the phase's function to the program, outermost first, e.g. `['src_compile', 'make', 'cc1']`. */
  readonly chain: readonly string[];
  /** `name`: an installed file names what it finds only when it runs. */
  readonly operation: 'execute' | 'read' | 'look-up' | 'link' | 'name';
  readonly path: string;
  /** `denied` if the view hid the path; `seen` if it was visible. */
  readonly result: 'denied' | 'seen';
  /** The number of accesses that it stands for. */
  readonly count: number;
}

/** The number of accesses that are kept of one package used in one way. A few explain a finding, and a record must stay small. */
export const EVIDENCE_KEPT = 4;

/** The number of names that are kept of a hidden package whose files a list lacks: which of them was wanted is known only afterwards. */
export const UNLISTED_KEPT = 32;

/** A version that the build's own check asks for, such as `libpng >= 1.2` in the arguments of pkg-config. */
export interface VersionBound {
  readonly operator: '>=' | '>' | '=' | '<=' | '<';
  /** The version in upstream's numbering. */
  readonly version: string;
  /** The place that states it, for the report, e.g. `pkg-config --exists 'libpng >= 1.2'` or `meson.build:12`. */
  readonly statedBy: string;
}

/** Something that a build did and should not do, apart from dependencies. */
export interface Incident {
  /** `plain-tool`: make ran a tool of the toolchain by a name without CHOST, such as `cc`. */
  readonly kind: 'network-access' | 'plain-tool' | 'unowned-file';
  readonly evidence: Evidence;
}
