import type { Knowledge } from '../../audit/knowledge.ts';
import type { EbuildIdentity } from '../../audit/subject.ts';
import type { EbuildFacts } from '../../ebuild/ebuild-facts.ts';
import type { AuditedSide } from '../audit-side.ts';
import type { EbuildPath } from '../ebuild-path.ts';
import type { Cause } from '../scope.ts';

/** One side of a change with what its text says. */
export interface ReadSide {
  readonly side: AuditedSide;
  readonly facts: EbuildFacts;
  readonly identity: EbuildIdentity;
}

/** A changed ebuild with everything around it that a reminder may depend on. */
export interface ReviewedChange {
  /** At the head. */
  readonly ebuild: EbuildPath;
  readonly cause: Cause;
  /** The path of the ebuild that it is compared with. */
  readonly from: string | undefined;
  /** Undefined without an old version, or if that cannot be read. */
  readonly before: ReadSide | undefined;
  readonly after: ReadSide;
  /** The other ebuilds of the package at the head. */
  readonly others: readonly EbuildPath[];
  /** Whether the range adds or changes the ebuild at a path. */
  isChanged(path: string): boolean;
  /** Whether the range changes profiles/updates, which may move installed packages to another slot. */
  readonly slotsMove: boolean;
  /** The packages that the head's repository knows; undefined if it has no repository. */
  readonly knowledge: Knowledge | undefined;
  /** Reads another ebuild of the head; undefined if it cannot be read. */
  readOther(path: string): EbuildFacts | undefined;
}
