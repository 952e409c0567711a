/** A root of a few files and the events of a build in it, for tests of attribution. */
import { type Attribution, createAttribution, type UseSighting } from '../../server/src/trace/attribution.ts';
import type { RecordedPackage } from '../../server/src/trace/evidence.ts';
import type { Licence, TouchedFile, TracedEvent, TracedPath } from '../../server/src/trace/trace-context.ts';

export function recorded(cpv: string): RecordedPackage {
  const [, category = '', name = '', version = ''] = /^(.+)\/(.+)-(\d.*)$/.exec(cpv) ?? [];
  return { category, name, version, slot: '0', subslot: '0', use: [] };
}

/** Path → owner and licence. A path of several files leads through links to the last. */
export type Files = Readonly<Record<string, readonly [cpv: string, licence: Licence, ...links: string[]]>>;

export interface TracedRoot {
  readonly files?: Files;
  /** Names of packages → names of what they need in order to run. */
  readonly needs?: Readonly<Record<string, readonly string[]>>;
  readonly withHeaders?: readonly string[];
  /** Path of a folder → what the view hides in it. */
  readonly hidden?: Readonly<Record<string, readonly string[]>>;
  readonly unowned?: readonly string[];
  readonly ebuildBegins?: readonly string[];
}

/** `/pm/ebuild.sh PHASE` starts a phase; everything under /pm is the package manager's, `emake` there gives its children back. */
export function attribute(root: TracedRoot, events: readonly TracedEvent[]): Attribution {
  const packages = new Map<string, RecordedPackage>();
  const file = (path: string, [cpv, licence]: readonly [string, Licence, ...string[]]): TouchedFile => {
    const one = packages.get(cpv) ?? recorded(cpv);
    packages.set(cpv, one);
    return { package: one, path, hidden: licence === 'hidden', licence };
  };
  const answers = new Map(
    Object.entries(root.files ?? {}).map(([path, found]) => [
      path,
      [path, ...found.slice(2)].map((one) => file(one, found)),
    ]),
  );
  const attribution = createAttribution({
    ownWork: {
      folders: ['/pm'],
      ebuildHelpers: ['emake'],
      ...(root.ebuildBegins === undefined ? {} : { ebuildBegins: root.ebuildBegins }),
    },
    phaseOf: ([script, phase]) => (script === 'ebuild.sh' ? phase : undefined),
    touch: (path) => answers.get(path) ?? [],
    needsToRun: (program, other) => root.needs?.[program.name]?.includes(other.name) === true,
    hasHeaders: ({ name }) => root.withHeaders?.includes(name) === true,
    hiddenAt: (folder, listed) =>
      (root.hidden?.[`${folder}${listed ? '/' : ''}`] ?? []).flatMap((path) => {
        const found = root.files?.[path];
        return found === undefined ? [] : [file(path, found)];
      }),
    unowned: (path) => (root.unowned?.includes(path) === true ? path : undefined),
  });
  for (const event of events) attribution.observe(event);
  return attribution;
}

export const start = (serial: number, parent: number): TracedEvent => ({ kind: 'process', serial, parent });

export const exec = (
  serial: number,
  path: string,
  argv: readonly string[] = [path],
  interpreters: readonly string[] = [],
  found = true,
): TracedEvent => ({
  kind: 'exec',
  serial,
  path,
  argv,
  interpreters: interpreters.map((one): TracedPath => ({ path: one })),
  found,
});

const access =
  (operation: string, result: string) =>
  (serial: number, path: string): TracedEvent => ({ kind: 'access', serial, operation, result, path });

export const open = access('open', 'file');
export const stat = access('stat', 'file');
export const miss = access('stat', 'missing');
export const list = access('readdir', 'folder');

/** Process 2 is the shell of the phase. */
export const begin = (phase: string): TracedEvent[] => [
  start(1, 0),
  exec(1, '/pm/ebuild'),
  start(2, 1),
  exec(2, '/pm/ebuild.sh', ['ebuild.sh', phase]),
];

/** What was used, as `name: kind kind`; in brackets what only followed from another package's use. */
export function tellUses(uses: readonly UseSighting[]): string[] {
  return uses.map(({ package: one, kinds }) =>
    [`${one.name}:`, ...kinds.map(({ kind, drawn }) => (drawn ? `(${kind})` : kind))].join(' '),
  );
}
