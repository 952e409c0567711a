/** The place where a user mends something; a client can open it. */
export type Mend =
  | { readonly kind: 'setting'; readonly name: string }
  | { readonly kind: 'trust' }
  | { readonly kind: 'doctor' };

/** A reason why something about an ebuild is not checked, or not tried. The ebuild is not to blame. */
export interface Limit {
  /**
   * `reading`: it is still being read. `practice-root`, `master`: packages and eclasses are not here. `root`, `setting`, `no-repository`,
   * `untrusted`, `pkgcheck`: what is wrong or missing.
   */
  readonly kind:
    | 'reading'
    | 'practice-root'
    | 'master'
    | 'root'
    | 'setting'
    | 'no-repository'
    | 'untrusted'
    | 'pkgcheck';
  /** What is not checked, and why: a sentence without its full stop. */
  readonly text: string;
  /** What the user can do, as an imperative without its capital; absent if waiting is enough. */
  readonly remedy?: string;
  /** Where the remedy is carried out. */
  readonly mend?: Mend;
}

/**
 * The limit that an error for the user tells of.
 *
 * @param effect what is not checked because of it, as a sentence
 */
export function limitFrom(
  kind: Limit['kind'],
  effect: string,
  { message, mend }: { readonly message: string; readonly mend?: Mend | undefined },
): Limit {
  const text = `${effect} ${message.replace(/\.$/, '')}`;
  return mend === undefined ? { kind, text } : { kind, text, mend };
}

/** A limit as one sentence. */
export function sayLimit({ text, remedy }: Limit): string {
  return remedy === undefined ? `${text}.` : `${text}: ${remedy}.`;
}
