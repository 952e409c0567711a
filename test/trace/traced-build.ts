/** A root of a few files and the events of a build in it, for tests of attribution. */
import { type Attribution, createAttribution } from '../../server/src/trace/attribution.ts';
import type { LookUpResult, NamedPath, Operation, TraceEvent } from '../../server/src/trace/event.ts';
import type { RecordedPackage } from '../../server/src/trace/evidence.ts';
import { describeFiles } from '../../server/src/trace/path-description.ts';
import type { PackageSighting } from '../../server/src/trace/sightings.ts';
import type {
  FileInView,
  Licence,
  PathDescription,
  TraceContext,
} from '../../server/src/trace/trace-context.ts';

export function recorded(cpv: string): RecordedPackage {
  const [, category = '', name = '', version = ''] = /^(.+)\/(.+)-(\d.*)$/.exec(cpv) ?? [];
  return { category, name, version, slot: '0', subslot: '0', use: [] };
}

/** Path → owner and licence. If there are several paths, the first ones are links that lead to the last. */
export type Files = Readonly<Record<string, readonly [cpv: string, licence: Licence, ...links: string[]]>>;

export interface TracedRoot {
  readonly files?: Files;
  /** Names of packages → names of the packages that they need in order to run. */
  readonly needs?: Readonly<Record<string, readonly string[]>>;
  readonly withHeaders?: readonly string[];
  /** Path of a folder → files that the view hides in it. */
  readonly hidden?: Readonly<Record<string, readonly string[]>>;
  readonly unowned?: readonly string[];
  readonly ebuildBegins?: readonly string[];
}

/**
 * `/pm/ebuild.sh PHASE` starts a phase. Everything below /pm belongs to the package manager; children of `/pm/emake` work for the ebuild
 * again.
 */
export function attribute(root: TracedRoot, events: readonly TraceEvent[]): Attribution {
  const attribution = createAttribution({
    ...knowRoot(root),
    ownWork: {
      folders: ['/pm'],
      ebuildHelpers: ['emake'],
      ...(root.ebuildBegins === undefined ? {} : { ebuildBegins: root.ebuildBegins }),
    },
    phaseOf: ([script, phase]) => (script === 'ebuild.sh' ? phase : undefined),
  });
  for (const event of events) attribution.observe(event);
  return attribution;
}

/** The knowledge of a root that readers of a trace need. */
export function knowRoot(
  root: TracedRoot,
): Pick<TraceContext, 'describePath' | 'needsToRun' | 'hasHeaders' | 'hiddenIn'> {
  const packages = new Map<string, RecordedPackage>();
  const file = (path: string, [cpv, licence]: readonly [string, Licence, ...string[]]): FileInView => {
    const owner = packages.get(cpv) ?? recorded(cpv);
    packages.set(cpv, owner);
    return { package: owner, path, hidden: licence === 'hidden', licence };
  };
  const hiddenAt = (folder: string) =>
    (root.hidden?.[folder] ?? []).flatMap((path) => {
      const found = root.files?.[path];
      return found === undefined ? [] : [file(path, found)];
    });
  const describe = (path: string): PathDescription => {
    const found = root.files?.[path];
    const files = found === undefined ? [] : [path, ...found.slice(2)].map((link) => file(link, found));
    const unowned = root.unowned?.includes(path) === true ? path : undefined;
    return { ...describeFiles(files), hiddenFolder: hiddenAt(path), unowned };
  };
  const names = [root.files ?? {}, root.hidden ?? {}].flatMap(Object.keys).concat(root.unowned ?? []);
  const answers = new Map(names.map((path) => [path, describe(path)]));
  const nothing = describe('');
  return {
    describePath: (path) => answers.get(path) ?? nothing,
    needsToRun: (program, needed) => root.needs?.[program.name]?.includes(needed.name) === true,
    hasHeaders: ({ name }) => root.withHeaders?.includes(name) === true,
    hiddenIn: (folder) => hiddenAt(`${folder}/`),
  };
}

export const start = (serial: number, parent: number): TraceEvent => ({
  kind: 'process',
  serial,
  parent,
  pid: 1000 + serial,
});

/** A path without links of the build. */
export const named = (path: string): NamedPath => ({ path, hops: [] });

export const exec = (
  serial: number,
  path: string,
  argv: readonly string[] = [path],
  interpreters: readonly string[] = [],
  found = true,
): TraceEvent => ({
  kind: 'exec',
  serial,
  ...named(path),
  argv,
  interpreters: interpreters.map(named),
  found,
});

const access =
  (operation: Operation, result: LookUpResult) =>
  (serial: number, path: string): TraceEvent => ({
    kind: 'access',
    serial,
    operation,
    result,
    ...named(path),
  });

export const open = access('open', 'file');
export const stat = access('stat', 'file');
export const miss = access('stat', 'missing');
export const list = access('readdir', 'folder');
export const write = access('write', 'unknown');

/** Process 2 is the shell of the phase. */
export const begin = (phase: string): TraceEvent[] => [
  start(1, 0),
  exec(1, '/pm/ebuild'),
  start(2, 1),
  exec(2, '/pm/ebuild.sh', ['ebuild.sh', phase]),
];

/** The uses as `name: kind kind`; drawn uses are in brackets. */
export function tellUses(uses: readonly PackageSighting[]): string[] {
  return uses.map(({ package: used, kinds }) =>
    [`${used.name}:`, ...kinds.map(({ kind, drawn }) => (drawn ? `(${kind})` : kind))].join(' '),
  );
}
