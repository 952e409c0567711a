import { describe, expect, test } from 'vitest';
import { createSightings, type Deed } from '../../server/src/trace/sightings.ts';
import { recorded } from './traced-build.ts';

const ZLIB = recorded('sys-libs/zlib-1.3');

const deed = (path: string, quality: Partial<Pick<Deed, 'weak' | 'drawn' | 'kind'>> = {}): Deed => ({
  package: ZLIB,
  kind: 'header',
  weak: false,
  drawn: false,
  bounds: [],
  ...quality,
  access: {
    phase: 'compile',
    program: '/usr/libexec/cc1',
    chain: () => ['src_compile', 'cc1'],
    operation: 'read',
    path,
    result: 'seen',
  },
});

function collect(...deeds: Deed[]) {
  const sightings = createSightings();
  for (const [clock, made] of deeds.entries()) sightings.add(made, clock);
  return sightings;
}

const describeKinds = (sightings: ReturnType<typeof collect>) =>
  sightings
    .list()
    .flatMap(({ kinds }) =>
      kinds.map(({ kind, weak, drawn, evidence }) => [
        kind,
        weak,
        drawn,
        ...evidence.map(({ path }) => path),
      ]),
    );

describe('deeds of one kind', () => {
  test('are weak or drawn only if all of them are', () => {
    expect(describeKinds(collect(deed('/a', { weak: true })))).toEqual([['header', true, false, '/a']]);
    expect(describeKinds(collect(deed('/a', { drawn: true })))).toEqual([['header', false, true, '/a']]);
    expect(describeKinds(collect(deed('/a'), deed('/b', { weak: true })))).toEqual([
      ['header', false, false, '/a'],
    ]);
  });

  test('that are strong take the place of the others, and other kinds stay', () => {
    expect(
      describeKinds(
        collect(deed('/a', { weak: true }), deed('/bin/b', { kind: 'program', weak: true }), deed('/c')),
      ),
    ).toEqual([
      ['header', false, false, '/c'],
      ['program', true, false, '/bin/b'],
    ]);
  });

  test('are drawn after all when each strong one has turned out to be', () => {
    const sightings = collect(deed('/bin/a', { kind: 'program' }), deed('/bin/a', { kind: 'program' }));
    sightings.markDrawn(ZLIB, 'program');
    expect(describeKinds(sightings)).toEqual([['program', false, false, '/bin/a']]);
    sightings.markDrawn(ZLIB, 'program');
    sightings.markDrawn(ZLIB, 'header');
    expect(describeKinds(sightings)).toEqual([['program', false, true, '/bin/a']]);
  });
});

test('evidence is counted for each program and path, a few of them, and its chain is asked for once', () => {
  let asked = 0;
  const counted = (path: string): Deed => {
    const made = deed(path);
    return { ...made, access: { ...made.access, chain: () => [`chain ${++asked}`] } };
  };
  const paths = ['/1', '/1', '/2', '/3', '/4', '/5', '/6'];
  const [sighting] = collect(...paths.map(counted)).list();
  expect(sighting?.kinds[0]?.evidence.map(({ path, count }) => `${path} ${count}`)).toEqual([
    '/1 2',
    '/2 1',
    '/3 1',
    '/4 1',
  ]);
  expect(asked).toBe(4);
});
