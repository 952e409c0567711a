/** What an EAPI allows and means in a dependency specification (the tables of PMS 7 and 8). */
export interface EapiFeatures {
  /** `:slot` (PMS 8.3.3). */
  readonly slotDependencies: boolean;
  /** `:=`, `:*` and `:slot/subslot` (PMS 8.3.3). */
  readonly slotOperators: boolean;
  /** `[flag]` (PMS 8.3.4). */
  readonly useDependencies: boolean;
  /** `[flag(+)]` (PMS 8.3.4). */
  readonly useDefaults: boolean;
  /** `!!` (PMS 8.3.2). */
  readonly strongBlockers: boolean;
  /** `uri -> name` in SRC_URI. */
  readonly arrows: boolean;
  /** `fetch+` and `mirror+` in SRC_URI. */
  readonly uriRestrictions: boolean;
  /** `?? ( … )` in REQUIRED_USE. */
  readonly atMostOneOf: boolean;
  /** Whether an empty `|| ( )` or `^^ ( )` counts as matched. */
  readonly emptyGroupsMatch: boolean;
}

/**
 * Gives the features of an EAPI. EAPI 9 allows what EAPI 8 does here.
 *
 * @param eapi as the ebuild says it; where it is left out or unknown, everything that some EAPI allows is allowed, and
 *   groups mean what they mean in the newest
 */
export function featuresOf(eapi: string | undefined): EapiFeatures {
  const number = eapi !== undefined && /^\d$/.test(eapi) ? Number(eapi) : Number.POSITIVE_INFINITY;
  return BY_EAPI[Math.min(number, BY_EAPI.length - 1)] ?? NEWEST;
}

const describe = (eapi: number): EapiFeatures => ({
  slotDependencies: eapi >= 1,
  slotOperators: eapi >= 5,
  useDependencies: eapi >= 2,
  useDefaults: eapi >= 4,
  strongBlockers: eapi >= 2,
  arrows: eapi >= 2,
  uriRestrictions: eapi >= 8,
  atMostOneOf: eapi >= 5,
  emptyGroupsMatch: eapi <= 6,
});
const BY_EAPI = [0, 1, 2, 3, 4, 5, 6, 7, 8].map(describe);
const NEWEST = describe(8);

/** Which rules hold for a specification. Left out, it is read as package managers print it, in any EAPI. */
export interface SpecificationRules {
  readonly eapi?: string | undefined;
  /** Whether an ebuild's author wrote it: then what only package managers write, and an empty group, is an error. */
  readonly ebuild?: boolean;
}
