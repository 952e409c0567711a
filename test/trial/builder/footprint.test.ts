import { describe, expect, test } from 'vitest';
import type { OwnerIndex } from '../../../server/src/installed/owner-index/owner-index.ts';
import type { TraceEvent } from '../../../server/src/trace/event.ts';
import { describeFiles } from '../../../server/src/trace/path-description.ts';
import type { PathInRoot } from '../../../server/src/trial/builder/root-knowledge.ts';
import { createFootprintReader, type Footprint } from '../../../server/src/trial/builder/steps/footprint.ts';
import { installed } from '../../support/installed-package.ts';
import { exec, list, open, recorded, stat } from '../../trace/traced-build.ts';

/** Two packages own the first file. */
const OWNERS: Readonly<Record<string, readonly string[]>> = {
  '/usr/include/a.h': ['cat/a-1', 'cat/b-1'],
  '/usr/bin/make': ['dev-build/make-4'],
  '/lib/ld.so': ['sys-libs/glibc-2'],
};

const INDEX = {
  ownersOf: (path: string) =>
    (OWNERS[path] ?? []).map((cpv) => ({ package: installed(cpv), type: 'obj' as const })),
} as unknown as OwnerIndex;

const describePath = (path: string): PathInRoot => {
  const [cpv] = OWNERS[path] ?? [];
  const category = /^\/var\/db\/pkg\/[^/]+/.exec(path)?.[0];
  return {
    ...describeFiles(
      cpv === undefined ? [] : [{ package: recorded(cpv), path, hidden: false, licence: 'declared' }],
    ),
    hiddenFolder: [],
    unowned: undefined,
    folder: category ?? (cpv === undefined ? path : undefined),
    isRecorded: path === '/usr/include',
    isVdbCategory: category !== undefined,
  };
};

function read(events: readonly TraceEvent[], begun = true): Footprint {
  const reader = createFootprintReader({ index: INDEX }, { describePath });
  for (const event of events) reader.observe(event, begun);
  return reader.result();
}

describe('a footprint', () => {
  test('has every owner of each file that was named, also by links, interpreters and the loader', () => {
    const script: TraceEvent = {
      ...{ kind: 'exec', serial: 2, path: '/build/x', hops: [], argv: [], found: true },
      interpreters: [{ path: '/build/make', hops: ['/usr/bin/make'] }],
      loader: { path: '/lib/ld.so', hops: [] },
    };
    expect(read([stat(2, '/usr/include/a.h'), script, exec(2, '/build/y')])).toEqual({
      packages: ['cat/a-1', 'cat/b-1', 'dev-build/make-4', 'sys-libs/glibc-2'],
      builtAgainst: ['cat/a-1', 'cat/b-1'],
      folders: [],
      listed: [],
      managerState: [],
    });
  });

  test('tells folders that were listed from those that were only named; the record of packages is always listed', () => {
    expect(read([stat(2, '/usr/include')])).toMatchObject({ folders: ['/usr/include'], listed: [] });
    const vdb = open(2, '/var/db/pkg/dev-libs/foo-1/SLOT');
    expect(read([list(2, '/usr/include'), stat(2, '/usr/include'), vdb])).toMatchObject({
      folders: ['/usr/include', '/var/db/pkg/dev-libs'],
      listed: ['/usr/include', '/var/db/pkg/dev-libs'],
    });
  });

  test('has a folder that no package lists only if the step listed it: files of hidden packages may be missing in it', () => {
    expect(read([stat(2, '/usr/include/own')])).toMatchObject({ folders: [], listed: [] });
    expect(read([list(2, '/usr/include/own')])).toMatchObject({ listed: ['/usr/include/own'] });
  });

  test('has no folders from before the first phase, except the records of packages', () => {
    const record = list(1, '/var/db/pkg/dev-libs');
    expect(read([list(1, '/usr/include'), open(1, '/usr/bin/make'), record], false)).toMatchObject({
      packages: ['dev-build/make-4'],
      folders: ['/var/db/pkg/dev-libs'],
    });
  });
});
