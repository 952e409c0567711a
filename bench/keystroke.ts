import { readFileSync } from 'node:fs';
import { checkText } from '../server/src/audit/check.ts';
import type { Knowledge } from '../server/src/audit/knowledge.ts';
import { createBashParser } from '../server/src/ebuild/bash-parser.ts';
import { createLiveText } from '../server/src/ebuild/live-text.ts';
import type { OfferedPackage } from '../server/src/pms/offered-package.ts';
import { type Benchmark, median, quantile } from './table.ts';

const LINES = 1000;
const PACKAGES = 20_000;
const KEYSTROKES = 600;
const TARGET_MS = 10;
const IDENTITY = { category: 'app-misc', packageAndVersion: 'long-1.2.3' };

/** What one keystroke costs in a long ebuild: reading it again and all static findings. */
export const keystroke: Benchmark = {
  name: 'keystroke',
  async run() {
    const bash = await createBashParser(
      readFileSync('node_modules/web-tree-sitter/web-tree-sitter.wasm'),
      readFileSync('grammars/tree-sitter-bash.wasm'),
    );
    const knowledge = makeKnowledge();
    const random = makeRandom(7);
    const live = createLiveText(bash);
    let text = makeEbuild();
    live.read(text);
    const ours: number[] = [];
    const parses: number[] = [];
    for (let typed = 0; typed < KEYSTROKES; typed++) {
      const at = Math.floor(random() * text.length);
      // Letters, and what opens and closes things; every other keystroke takes back the one before, so the text stays an ebuild.
      const key = 'abcdefghij-/:"[( \n$'[Math.floor(random() * 19)] ?? 'a';
      const changed = text.slice(0, at) + key + text.slice(at);
      for (const next of [changed, text]) {
        const began = performance.now();
        checkText(live.read(next), knowledge, IDENTITY);
        const read = performance.now();
        bash.parser.parse(next)?.delete();
        ours.push(read - began);
        parses.push(performance.now() - read);
      }
      if (/[a-j]/.test(key) && typed % 10 === 0) text = changed;
      if (typed % 50 === 49) text = makeEbuild();
    }
    live.close();
    const p95 = quantile(ours, 0.95);
    return [
      {
        what: `read and checked after a keystroke, ${LINES} lines, ${PACKAGES} packages, p95 of ${ours.length}`,
        figure: `${p95.toFixed(2)} ms`,
        compared: { with: "tree-sitter's parse of the whole text, p95", ratio: p95 / quantile(parses, 0.95) },
        target: { text: `≤ ${TARGET_MS} ms`, met: p95 <= TARGET_MS },
      },
      {
        what: 'the same, median',
        figure: `${median(ours).toFixed(2)} ms`,
        compared: {
          with: "tree-sitter's parse of the whole text, median",
          ratio: median(ours) / median(parses),
        },
      },
    ];
  },
};

/** The same numbers in every run (a linear congruential generator), from 0 up to 1. */
export function makeRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

export function makeKnowledge(): Knowledge {
  const offered = new Map<string, readonly OfferedPackage[]>();
  for (let index = 0; index < PACKAGES; index++) {
    const category = `dev-c${index % 160}`;
    const name = `package-${index}`;
    const common = {
      category,
      name,
      repository: 'gentoo',
      slot: '0',
      subslot: '0',
      iuse: ['ssl', 'test', 'doc'],
    };
    offered.set(`${category}/${name}`, [
      { ...common, version: '1.2.3' },
      { ...common, version: '2.0-r1' },
    ]);
  }
  const pkgconfig = { category: 'virtual', name: 'pkgconfig', version: '3', repository: 'gentoo' };
  offered.set('virtual/pkgconfig', [{ ...pkgconfig, slot: '0', subslot: '0', iuse: [] }]);
  return {
    incomplete: undefined,
    offered: (category, name) => offered.get(`${category}/${name}`) ?? [],
    packageNames: () => offered.keys(),
    movedTo: () => undefined,
    eclass: () => ({ names: new Set(), iuse: new Set() }),
    eclassNames: () => [],
    isImplicitFlag: () => false,
    describeFlag: () => undefined,
  };
}

/** An ebuild of the shape that long ones have: a long list of dependencies, and phases. */
export function makeEbuild(): string {
  const head = [
    '# Copyright 1999-2026 Gentoo Authors',
    '# Distributed under the terms of the GNU General Public License v2',
    '',
    'EAPI=8',
    '',
    'inherit flag-o-matic toolchain-funcs',
    '',
    'DESCRIPTION="A long ebuild"',
    'HOMEPAGE="https://example.org/"',
    'SRC_URI="https://example.org/${P}.tar.xz"',
    '',
    'LICENSE="GPL-2"',
    'SLOT="0"',
    'KEYWORDS="~amd64"',
    'IUSE="doc ssl test"',
    'REQUIRED_USE="test? ( ssl )"',
    '',
    'RDEPEND="',
  ];
  const atoms = Array.from({ length: 300 }, (_, index) => {
    const atom = `>=dev-c${index % 160}/package-${index}-1.${index % 3}:=[ssl?]`;
    return index % 10 === 0 ? `\tdoc? ( ${atom} )` : `\t${atom}`;
  });
  const lines = [...head, ...atoms, '"', 'DEPEND="${RDEPEND}"', 'BDEPEND="virtual/pkgconfig"', ''];
  for (let phase = 0; lines.length <= LINES - 9; phase++) {
    lines.push(
      `helper_${phase}() {`,
      '\tlocal args=( --prefix="${EPREFIX}/usr" $(use_enable ssl) )',
      '\tif use doc; then',
      '\t\teinfo "Building the documentation of ${PN}"',
      '\t\temake -C "${S}"/doc html || die "no documentation"',
      '\tfi',
      '\teconf "${args[@]}"',
      '}',
      '',
    );
  }
  while (lines.length < LINES) lines.push('# The end');
  return `${lines.join('\n')}\n`;
}
