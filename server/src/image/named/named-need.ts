import type { NamedKind } from '../../audit/record.ts';
import type { Requirement } from './requirement.ts';

/** Something that an installed file names, and that must be found when the file runs. */
export interface NamedNeed {
  /** Path of the installed file as it will be on the system. */
  readonly user: string;
  readonly kind: NamedKind;
  /** One of these is enough; nearly always there is only one. */
  readonly wanted: readonly string[];
  /**
   * `required`: the file says or shows that it does not work without it. `optional`: it says or shows that it can do without. `possible`:
   * it names it, and does not say what for.
   */
  readonly strength: 'required' | 'optional' | 'possible';
  /** For a note, what it is for, as the file says it. */
  readonly purpose?: string;
  /** What upstream's metadata says, if the file is such. */
  readonly requirement?: Omit<Requirement, 'name'>;
}
