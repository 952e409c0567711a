import type { TrialRecord } from './record.ts';

/** The effect of a USE flag on the installed image, as far as builds show it. */
export interface FlagEffect {
  readonly flag: string;
  /** The enabled flags, without this one, of the states in which the flag changes nothing. */
  readonly same: readonly (readonly string[])[];
  /** Those of the states in which it changes what is installed. */
  readonly differs: readonly (readonly string[])[];
}

/**
 * Compares the states of a record, and its variants, that differ in one flag only. `test` is left out: it is for src_test, which installs
 * nothing.
 */
export function readFlagEffects(record: TrialRecord): FlagEffect[] {
  const built = [record, ...record.variants].filter(
    ({ outcome, image }) => outcome === 'passed' && image !== undefined,
  );
  const byUse = new Map(built.map((state) => [keyOf(state.use), state]));
  return [...new Set(record.iuse)].flatMap((flag): FlagEffect[] => {
    if (flag === 'test') return [];
    const same: (readonly string[])[] = [];
    const differs: (readonly string[])[] = [];
    for (const on of built.filter(({ use }) => use.includes(flag))) {
      const others = on.use.filter((enabled) => enabled !== flag);
      const off = byUse.get(keyOf(others));
      if (off !== undefined) (off.image === on.image ? same : differs).push(others);
    }
    return same.length + differs.length === 0 ? [] : [{ flag, same, differs }];
  });
}

const keyOf = (use: readonly string[]): string => [...new Set(use)].sort().join(' ');

/** Whether a dependency variable names a flag: then it changes what is needed, even if it changes nothing that is installed. */
export function isInDependencies({ evaluated }: TrialRecord, flag: string): boolean {
  return Object.values(evaluated).some((value) => value.split(/[^\w+@-]+/).includes(flag));
}
