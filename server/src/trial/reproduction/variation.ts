import { existsSync, readFileSync } from 'node:fs';
import type { TrialWorld } from '../../host/world.ts';
import { locateOnMachine, type RootLayout } from '../../installed/root-layout.ts';
import type { Bind } from '../../sandbox/sandbox.ts';

export type VariationName =
  | 'time'
  | 'time-zone'
  | 'locale'
  | 'environment'
  | 'user'
  | 'host'
  | 'kernel'
  | 'umask'
  | 'build-folder'
  | 'jobs'
  | 'processors';

/** Something in which two machines may differ, changed for a build. */
export interface Variation {
  readonly name: VariationName;
  /** What is changed, as the end of "varied: …". */
  readonly what: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Words before the command, such as `taskset -c 0`. */
  readonly prefix?: readonly string[];
  readonly hostName?: string;
  /** The path of the work folder in the sandbox. */
  readonly shownAs?: string;
  readonly jobs?: number;
  readonly binds?: readonly Bind[];
}

/** A variation that this machine cannot make, and why: a part of a sentence. */
export interface Impossible {
  readonly name: VariationName;
  readonly reason: string;
}

/** The place of libfaketime in the sandbox. */
const FAKETIME = '/var/cache/ebuild-audit-libfaketime.so.1';
const FAKETIME_PLACES = [
  '/usr/lib64/faketime/libfaketime.so.1',
  '/usr/lib64/libfaketime.so.1',
  '/usr/lib/faketime/libfaketime.so.1',
  '/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1',
  '/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1',
];

/** Programs of the root that a variation runs the build with. */
const TASKSET = '/usr/bin/taskset';
const SETARCH = '/usr/bin/setarch';

/** Lists the variations that can be made in builds of a root, and those that cannot. */
export function listVariations(
  layout: RootLayout,
  { jobs }: Pick<TrialWorld, 'jobs'>,
): { readonly possible: readonly Variation[]; readonly impossible: readonly Impossible[] } {
  const hasProgram = (path: string) => existsSync(locateOnMachine(layout, path) ?? path);
  const all: readonly (Variation | Impossible)[] = [
    varyTime(),
    { name: 'time-zone', what: 'TZ=UTC-14', environment: { TZ: 'UTC-14' } },
    { name: 'locale', what: 'LC_ALL=C', environment: { LC_ALL: 'C', LANG: 'C' } },
    {
      name: 'environment',
      what: 'a variable EBUILD_AUDIT_VARIATION and another TERM',
      environment: { EBUILD_AUDIT_VARIATION: 'varied', TERM: 'xterm' },
    },
    { name: 'user', what: 'USER and LOGNAME', environment: { USER: 'builder2', LOGNAME: 'builder2' } },
    { name: 'host', what: 'the host name', hostName: 'another-host' },
    hasProgram(SETARCH)
      ? { name: 'kernel', what: 'the release that uname(1) prints', prefix: [SETARCH, '--uname-2.6'] }
      : { name: 'kernel', reason: `${SETARCH} is missing in the root` },
    { name: 'umask', what: 'umask 002', prefix: ['/bin/sh', '-c', 'umask 002; exec "$0" "$@"'] },
    {
      name: 'build-folder',
      what: 'another path of the build folder',
      shownAs: '/var/another/place/of-the-work',
    },
    { name: 'jobs', what: `-j${otherThan(jobs)}`, jobs: otherThan(jobs) },
    hasProgram(TASKSET)
      ? { name: 'processors', what: 'one processor', prefix: [TASKSET, '-c', firstProcessor()] }
      : { name: 'processors', reason: `${TASKSET} is missing in the root` },
  ];
  return {
    possible: all.filter((item): item is Variation => !('reason' in item)),
    impossible: all.filter((item): item is Impossible => 'reason' in item),
  };
}

function varyTime(): Variation | Impossible {
  const library = FAKETIME_PLACES.find((path) => existsSync(path));
  if (library === undefined)
    return {
      name: 'time',
      reason: 'libfaketime is not installed (app-misc/libfaketime, or faketime of Debian)',
    };
  return {
    name: 'time',
    what: '400 days later, for programs that are linked dynamically',
    // Only the clock: make(1) compares the times of files.
    environment: { LD_PRELOAD: FAKETIME, FAKETIME: '+400d', FAKETIME_DONT_FAKE_MONOTONIC: '1' },
    binds: [{ source: library, target: FAKETIME, writable: false }],
  };
}

const otherThan = (jobs: number) => (jobs === 1 ? 2 : 1);

/** The first processor that this process may run on, as taskset(1) names it. */
function firstProcessor(): string {
  const [, first = '0'] =
    /^Cpus_allowed_list:\s*(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  return first;
}

/** The world in which a build has some variations. */
export function varyWorld(world: TrialWorld, variations: readonly Variation[]): TrialWorld {
  const { packageManager, sandbox } = world;
  const environment = Object.assign({}, ...variations.map((variation) => variation.environment));
  const prefix = variations.flatMap((variation) => variation.prefix ?? []);
  const binds = variations.flatMap((variation) => variation.binds ?? []);
  const hostName = variations.find((variation) => variation.hostName !== undefined)?.hostName;
  return {
    ...world,
    jobs: variations.find(({ jobs }) => jobs !== undefined)?.jobs ?? world.jobs,
    packageManager: {
      ...packageManager,
      buildCommand(paths, options) {
        const command = packageManager.buildCommand(paths, options);
        return {
          argv: [...prefix, ...command.argv],
          environment: { ...command.environment, ...environment },
        };
      },
    },
    sandbox: {
      run: (spec, listener, signal) =>
        sandbox.run(
          { ...spec, binds: [...spec.binds, ...binds], ...(hostName !== undefined && { hostName }) },
          listener,
          signal,
        ),
    },
  };
}
