import { totalmem } from 'node:os';
import type { SandboxLimits } from './sandbox.ts';

export type LimitName = keyof SandboxLimits;

/** Every limit, in the order in which messages list them. */
export const LIMIT_NAMES = ['processes', 'memory', 'disk', 'files', 'output', 'time'] as const;

const KIB = 1024;
const MIB = 1024 * KIB;
const GIB = 1024 * MIB;
const TIB = 1024 * GIB;
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

type Kind = 'count' | 'bytes' | 'duration';

const KINDS: Readonly<Record<LimitName, Kind>> = {
  processes: 'count',
  memory: 'bytes',
  disk: 'bytes',
  files: 'count',
  output: 'bytes',
  time: 'duration',
};

/** The units of each kind of value, in lower case. Sizes are binary, as in make.conf and tmpfs(5). */
const UNITS: Readonly<Record<Kind, Readonly<Record<string, number>>>> = {
  count: { '': 1, k: 1000, m: 1_000_000 },
  bytes: { '': 1, k: KIB, m: MIB, g: GIB, t: TIB },
  duration: { ms: 1, '': SECOND, s: SECOND, m: MINUTE, h: HOUR, d: 24 * HOUR },
};

/** The memory that this process may use, in bytes: that of the machine, or less in a container (cgroup memory.max). */
export function availableMemory(): number {
  const machine = totalmem();
  const container = process.constrainedMemory?.() ?? 0;
  return container > 0 && container < machine ? container : machine;
}

/** The default limits of a trial: high enough for every package of ::gentoo, low enough to keep the machine usable. */
export const DEFAULT_LIMITS: SandboxLimits = {
  // `make -j64` with link-time optimisation has a few hundred; a fork bomb passes 4,096 within a second.
  processes: 4096,
  // A quarter remains for the editor and the page cache.
  memory: Math.floor(availableMemory() * 0.75),
  // chromium, the largest, asks for 19 GiB (CHECKREQS_DISK_BUILD, without debugging) and has 500,000 files.
  disk: 20 * GIB,
  files: 2_000_000,
  // The longest logs of Gentoo's tinderbox are around 100 MiB.
  output: 256 * MIB,
  // For a longer build, the user raises the setting.
  time: 4 * HOUR,
};

/**
 * Reads the value of a limit.
 *
 * @param text a number and a unit: `4096`, `50k` (thousand) and `2M` (million) for `processes` and `files`; `8G`, `512 MiB` (always binary)
 *   for `memory`, `disk` and `output`; `90m`, `1.5h`, `1h30m`, or seconds without a unit for `time`. `none` is no limit.
 * @returns the value in the unit of {@link SandboxLimits}, 0 for `none`; undefined for any other text
 */
export function parseAmount(limit: LimitName, text: string): number | undefined {
  const kind = KINDS[limit];
  const word = text.trim().toLowerCase();
  if (word === 'none') return 0;
  const parts = [...word.matchAll(/(\d+(?:\.\d+)?)\s*([a-z]*)/g)];
  const whole = parts.map(([part]) => part).join('') === word;
  if (!whole || (parts.length > 1 && kind !== 'duration')) return undefined;
  const amounts = parts.map(([, number = '', unit = '']) => {
    const name = kind === 'bytes' ? unit.replace(/i?b$/, '') : unit;
    // The last number of `1h30` has no unit.
    const factor = unit === '' && parts.length > 1 ? undefined : UNITS[kind][name];
    return factor === undefined ? Number.NaN : Number(number) * factor;
  });
  const sum = Math.round(amounts.reduce((total, amount) => total + amount, 0));
  return sum >= 1 && sum <= Number.MAX_SAFE_INTEGER ? sum : undefined;
}

const EXAMPLES: Readonly<Record<Kind, string>> = { count: '4096', bytes: '8G', duration: '90m' };

/** A limit from the command line, or one sentence that says what is wrong with it. */
export type ParsedLimit =
  | { readonly limit: LimitName; readonly value: number }
  | { readonly problem: string };

/** Reads `NAME=VALUE`, the argument of `--limit`; see {@link parseAmount} for the value. Total. */
export function parseLimit(text: string): ParsedLimit {
  const [, name = text, value = ''] = /^([^=]*)=(.*)$/s.exec(text) ?? [];
  const limit = LIMIT_NAMES.find((known) => known === name.trim());
  if (limit === undefined) {
    return {
      problem: `"${name}" is no limit: write NAME=VALUE, where NAME is one of ${LIMIT_NAMES.join(', ')}.`,
    };
  }
  const amount = parseAmount(limit, value);
  return amount === undefined
    ? {
        problem: `"${value}" is no value for the limit "${limit}": write for example ${limit}=${EXAMPLES[KINDS[limit]]}.`,
      }
    : { limit, value: amount };
}

function withUnit(value: number, units: readonly (readonly [string, number])[], gap: string): string {
  const [name, size] = units.find(([, factor]) => value >= factor) ?? units.at(-1) ?? ['', 1];
  return `${(value / size).toLocaleString('en', { maximumFractionDigits: 1 })}${gap}${name}`;
}

/** Formats the value of a limit for a person: `4,096`, `20 GiB`, `1.5 h`, `none`. */
export function printAmount(limit: LimitName, value: number): string {
  if (value === 0) return 'none';
  switch (KINDS[limit]) {
    case 'count':
      return value.toLocaleString('en');
    case 'bytes':
      return withUnit(
        value,
        [
          ['TiB', TIB],
          ['GiB', GIB],
          ['MiB', MIB],
          ['KiB', KIB],
          ['bytes', 1],
        ],
        ' ',
      );
    case 'duration':
      return withUnit(
        value,
        [
          ['h', HOUR],
          ['min', MINUTE],
          ['s', SECOND],
          ['ms', 1],
        ],
        ' ',
      );
  }
}

/** Formats a value so that {@link parseAmount} can read it, in the largest unit that divides it. */
function writeAmount(limit: LimitName, value: number): string {
  const units = Object.entries(UNITS[KINDS[limit]]).sort(([, a], [, b]) => b - a);
  const [name = '', factor = 1] =
    KINDS[limit] === 'count' ? [] : (units.find(([, size]) => value % size === 0) ?? []);
  return `${value / factor}${name.length === 1 && KINDS[limit] === 'bytes' ? name.toUpperCase() : name}`;
}

const WHAT: Readonly<Record<LimitName, (amount: string) => string>> = {
  processes: (amount) => `it ran more than ${amount} processes and threads at once`,
  memory: (amount) => `it used more than ${amount} of memory`,
  disk: (amount) => `it wrote more than ${amount} to disk`,
  files: (amount) => `it made more than ${amount} files`,
  output: (amount) => `it printed more than ${amount}`,
  time: (amount) => `it took longer than ${amount}`,
};

/**
 * Makes the message for a run that exceeded a limit: the limit, its value, and how to raise it.
 *
 * @param limits limits of the run
 */
export function describeExceeded(limit: LimitName, limits: SandboxLimits): string {
  const value = limits[limit];
  return `The build was stopped because ${WHAT[limit](printAmount(limit, value))}: if it needs that, raise the setting "ebuildAudit.limits.${limit}" or give "--limit ${limit}=${writeAmount(limit, value * 2)}".`;
}
