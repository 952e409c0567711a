import { expect, test } from 'vitest';
import { describeAll, listMistakes } from '../../accuracy/mistakes.ts';
import { confidenceInterval } from '../../accuracy/report.ts';
import { parseEbuild } from '../../server/src/ebuild/facts.ts';
import { bash } from '../ebuild/bash.ts';

const readFacts = (text: string) => parseEbuild(text, bash);
const ebuild = (dependencies: string) => `EAPI=8\nIUSE="png"\n\n${dependencies}`;
const RIGHT = ebuild(`RDEPEND="
\tsys-libs/zlib:=
\tpng? ( media-libs/libpng[apng] )
"
DEPEND="\${RDEPEND}"
BDEPEND="virtual/pkgconfig"
`);

test('the mistakes of an ebuild are of every kind that its text allows', () => {
  const found = listMistakes(RIGHT, readFacts);
  expect(found.map(({ kind, what }) => `${kind}: ${what}`)).toEqual([
    'pair: without sys-libs/zlib and media-libs/libpng',
    'pair: without sys-libs/zlib and virtual/pkgconfig',
    'pair: without media-libs/libpng and virtual/pkgconfig',
    'line: without the line DEPEND',
    'line: without the line BDEPEND',
    'apart: without sys-libs/zlib in DEPEND alone',
    'apart: without media-libs/libpng in DEPEND alone',
    'apart: without sys-libs/zlib in RDEPEND alone',
    'apart: without media-libs/libpng in RDEPEND alone',
    'slot-operator: sys-libs/zlib without :=',
    'condition: media-libs/libpng without its condition',
    'negation: media-libs/libpng under the opposite condition',
    'use-dependency: media-libs/libpng without its flags',
    'place: virtual/pkgconfig in DEPEND',
    'needless: with app-misc/jq',
  ]);
  // Each of them can be told from the right ebuild.
  for (const { text } of found)
    expect(describeAll(text, readFacts)).not.toEqual(describeAll(RIGHT, readFacts));
});

test('the interval of a share is never wider than it can be, and includes the share', () => {
  expect(confidenceInterval(99, 100).map((bound) => bound.toFixed(1))).toEqual(['94.6', '99.8']);
  expect(confidenceInterval(10, 10).map((bound) => bound.toFixed(1))).toEqual(['72.2', '100.0']);
  expect(confidenceInterval(0, 10)[0]).toBeCloseTo(0);
});

test('a package that the build only runs need not be in DEPEND, which takes RDEPEND over', () => {
  const text =
    'EAPI=8\nRDEPEND="\n\tdev-libs/glib\n\tdev-libs/gobject-introspection\n"\nDEPEND="${RDEPEND}"\n';
  const runOnly = ['dev-libs/gobject-introspection'];
  const apart = listMistakes(text, readFacts, runOnly).filter(({ kind }) => kind === 'apart');
  expect(apart.map(({ what }) => what)).toEqual([
    'without dev-libs/glib in DEPEND alone',
    'without dev-libs/glib in RDEPEND alone',
    'without dev-libs/gobject-introspection in RDEPEND alone',
  ]);
  expect(describeAll(text, readFacts, runOnly).map((line) => line.replace(/ as .*/, ''))).toEqual([
    'DEPEND: dev-libs/glib',
    'RDEPEND: dev-libs/glib',
    'RDEPEND: dev-libs/gobject-introspection',
  ]);
});
