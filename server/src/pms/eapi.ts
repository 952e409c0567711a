/** The features of an EAPI that matter in a dependency specification (the tables of PMS 7 and 8). */
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
 * @param eapi as written in the ebuild; if it is missing or unknown, the features of every EAPI are allowed, and groups
 *   have the meaning of the newest
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

/** The rules for a specification. Without rules, it is read as package managers print it, in any EAPI. */
export interface SpecificationRules {
  readonly eapi?: string | undefined;
  /** Whether the author of an ebuild wrote it. Then an empty group is an error, and so is syntax of package managers. */
  readonly ebuild?: boolean;
}
