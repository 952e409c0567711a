/** A word that the Package Manager Specification gives to every ebuild. */
export interface Word {
  readonly name: string;
  readonly kind: 'phase' | 'command' | 'variable';
  /** What it does, in sentences; code stands between backticks. */
  readonly summary: string;
  /** The arguments as in a synopsis: `<flag> [<option> [<value>]]`. */
  readonly usage?: string;
  /** Where it may be used, if not everywhere: `src_install`, `src_*`. */
  readonly where?: string;
  /** The first EAPI that has it; absent: 0. */
  readonly since?: number;
  /** The last EAPI that has it; absent: it still exists. */
  readonly until?: number;
  /** The section of PMS that defines it, e.g. `12.3.8`. */
  readonly section: string;
}

/** The newest EAPI that PMS defines. */
export const NEWEST_EAPI = 9;
/** Every EAPI of PMS as it is written. */
export const EAPIS: readonly string[] = Array.from({ length: NEWEST_EAPI + 1 }, (_, eapi) => String(eapi));

/** The number of an EAPI; that of the newest if it is not one of PMS. @param eapi as written in the ebuild */
export function eapiNumber(eapi: string): number {
  return /^\d$/.test(eapi) ? Math.min(Number(eapi), NEWEST_EAPI) : NEWEST_EAPI;
}

/** Whether an EAPI has a word. */
export function isIn(eapi: string, { since = 0, until = NEWEST_EAPI }: Word): boolean {
  const number = eapiNumber(eapi);
  return since <= number && number <= until;
}

/** Says which EAPIs have a word: `EAPI 7 and later`, `EAPI 0 to 6`; undefined if all have it. */
export function describeEapis({ since = 0, until = NEWEST_EAPI }: Word): string | undefined {
  if (since === 0 && until === NEWEST_EAPI) return undefined;
  if (until === NEWEST_EAPI) return since === NEWEST_EAPI ? `EAPI ${since}` : `EAPI ${since} and later`;
  return since === until ? `EAPI ${since}` : `EAPI ${since} to ${until}`;
}
