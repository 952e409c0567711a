import { UserError } from '../../errors/user-error.ts';
import type { EvaluatedMetadata, UseSetting } from '../../package-manager/port.ts';
import { readRequiredUse } from './required-use.ts';

/** A USE state to try besides the configured one. */
export interface UseState {
  /** Every flag that can be chosen, with its setting. */
  readonly setting: UseSetting;
  /** The flags that differ from the configured state, as a user would set them, e.g. `-png ssl`. */
  readonly difference: string;
}

export interface ChosenStates {
  readonly states: readonly UseState[];
  /** The flags that can be chosen, and that were asked for. */
  readonly free: readonly string[];
  /**
   * The state with some of these flags on and the others off, nearest to what REQUIRED_USE allows; undefined if that would change too many
   * other flags.
   */
  stateWith(on: readonly string[]): UseState | undefined;
  /** The states that are left out, each as a phrase such as `flags that the profile forces or masks (doc)`. */
  readonly gaps: readonly string[];
}

/** The part of an ebuild's metadata that decides about its states. */
export type UseMetadata = Pick<
  EvaluatedMetadata,
  'eapi' | 'iuse' | 'use' | 'requiredUse' | 'fixedUse' | 'expandedUse'
>;

/** @throws UserError if IUSE lacks one of the flags */
export function demandFlags({ iuse }: Pick<UseMetadata, 'iuse'>, only: readonly string[] | undefined): void {
  const unknown = only?.filter((flag) => !iuse.includes(flag)) ?? [];
  if (unknown.length > 0)
    throw new UserError(
      `IUSE has no flag ${unknown.join(', ')}: name flags of the ebuild, or none to try all.`,
    );
}

/**
 * Chooses the USE states to try: all flags off, each flag of IUSE on alone, and with `pairwise` each two of them, except `test`. Flags that
 * the profile forces or masks, and values of USE_EXPAND variables, stay as configured. A state that REQUIRED_USE forbids is fixed by
 * changing as few other flags as possible, or left out if three are not enough.
 *
 * @param metadata evaluated for the configured state
 * @param only the flags that are turned on; undefined for all of IUSE
 * @throws UserError if IUSE lacks one of them
 */
export function chooseStates(
  metadata: UseMetadata,
  kind: 'single' | 'pairwise',
  only?: readonly string[],
): ChosenStates {
  demandFlags(metadata, only);
  const iuse = [...new Set(metadata.iuse)];
  const fixed = new Set(metadata.fixedUse);
  const expanded = new Set(metadata.expandedUse);
  const free = iuse.filter((flag) => !fixed.has(flag) && !expanded.has(flag));
  const isFree = new Set(free);
  const asked = only === undefined ? free : free.filter((flag) => only.includes(flag));
  const configured = new Set(metadata.use);
  const staying = metadata.use.filter((flag) => !isFree.has(flag));
  const requiredUse = readRequiredUse(metadata.requiredUse, metadata.eapi);

  const differenceOf = (enabled: ReadonlySet<string>) =>
    free
      .filter((flag) => enabled.has(flag) !== configured.has(flag))
      .map((flag) => toSetting(flag, enabled))
      .join(' ');
  const stateWith = (on: readonly string[]): UseState | undefined => {
    const wanted = new Set([...staying, ...on]);
    const mayChange = (flag: string) => isFree.has(flag) && !on.includes(flag);
    const bringsNearer = (flag: string) => wanted.has(flag) !== configured.has(flag);
    const enabled = requiredUse.satisfy(wanted, mayChange, bringsNearer);
    return (
      enabled && {
        setting: free.map((flag) => toSetting(flag, enabled)),
        difference: differenceOf(enabled),
      }
    );
  };
  const states = new Map<string, UseState>();
  const forbidden: string[] = [];
  for (const on of combinationsOf(asked, kind)) {
    const state = stateWith(on);
    if (state === undefined) forbidden.push(on.length === 0 ? 'all flags off' : on.join(' with '));
    else if (state.difference !== '') states.set(state.difference, state);
  }
  return {
    states: [...states.values()],
    free: asked,
    stateWith,
    gaps: [
      ...describe('untried USE states that REQUIRED_USE forbids', forbidden),
      ...describe(
        'untried flags that the profile forces or masks',
        iuse.filter((flag) => fixed.has(flag) && !expanded.has(flag)),
      ),
      ...describe(
        'untried flags of USE_EXPAND variables',
        iuse.filter((flag) => expanded.has(flag)),
      ),
      ...describe(
        'untried flags that were not asked for',
        free.filter((flag) => !asked.includes(flag)),
      ),
    ],
  };
}

const toSetting = (flag: string, enabled: ReadonlySet<string>) => (enabled.has(flag) ? flag : `-${flag}`);

/** Lists the flags that are on in each state. `test` is not paired, because tests show as much without another flag. */
function combinationsOf(
  flags: readonly string[],
  kind: 'single' | 'pairwise',
): readonly (readonly string[])[] {
  const paired = kind === 'single' ? [] : flags.filter((flag) => flag !== 'test');
  return [
    [],
    ...flags.map((flag) => [flag]),
    ...paired.flatMap((first, index) => paired.slice(index + 1).map((second) => [first, second])),
  ];
}

/** Names in one gap, few enough to read. */
const MOST_NAMED = 6;

function describe(what: string, names: readonly string[]): readonly string[] {
  if (names.length === 0) return [];
  const more = names.length > MOST_NAMED ? [`${names.length - MOST_NAMED} more`] : [];
  return [`${what} (${[...names.slice(0, MOST_NAMED), ...more].join(', ')})`];
}
