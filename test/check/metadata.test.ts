import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import type { EbuildMetadata } from '../../server/src/check/metadata.ts';
import { createMetadataReader } from '../../server/src/check/metadata-reader.ts';
import { traceAtoms } from '../../server/src/ebuild/atom-origin.ts';
import { parseEbuild } from '../../server/src/ebuild/facts.ts';
import { packageVariables } from '../../server/src/ebuild/package-variables.ts';
import { createEvaluator } from '../../server/src/evaluation/kept-evaluation.ts';
import { bash } from '../ebuild/bash.ts';
import { requireOrSkip } from '../support/requirement.ts';
import { createWorld, missingForTrials, root } from '../support/world.ts';

const folder = mkdtempSync(join(tmpdir(), 'ebuild-audit-metadata-'));
// Root's sandbox runs as another user.
chmodSync(folder, 0o755);
afterAll(() => rmSync(folder, { recursive: true }));
const overlay = join(folder, 'overlay');
const file = join(overlay, 'dev-test/tool/tool-1.2.ebuild');

const ECLASS = `case \${EAPI} in 8) ;; *) die ;; esac
BDEPEND="dev-build/tool-maker"
IUSE="doc"
`;
const ECLASS_WITH_DOC = ECLASS.replace('tool-maker"', 'tool-maker doc? ( app-text/doc-maker )"');
const ALONE = `EAPI=8
SLOT="0/3"
IUSE="+gui"
COMMON="dev-libs/a:="
DEPEND="\${COMMON}
	gui? ( x11-libs/b )"
RDEPEND="\${DEPEND}"
`;
const INHERITING = `${ALONE}inherit tool-r1
BDEPEND="virtual/pkgconfig"
`;

function put(path: string, text: string): void {
  const full = join(overlay, path);
  mkdirSync(dirname(full), { recursive: true });
  writeFileSync(full, text);
}

const md5 = (text: string): string => createHash('md5').update(text).digest('hex');

function putCacheEntry(text: string, eclass: string): void {
  put(
    'metadata/md5-cache/dev-test/tool-1.2',
    `BDEPEND=virtual/pkgconfig dev-build/tool-maker
DEPEND=dev-libs/a:= gui? ( x11-libs/b )
EAPI=8
INHERIT=tool-r1
IUSE=+gui doc
RDEPEND=dev-libs/a:= gui? ( x11-libs/b )
SLOT=0/3
_eclasses_=tool-r1\t${md5(eclass)}
_md5_=${md5(text)}
`,
  );
}

// The first parse compiles the grammar, which takes longer than a text may take.
parseEbuild(INHERITING, bash);

beforeEach(() => {
  rmSync(overlay, { recursive: true, force: true });
  put('profiles/repo_name', 'test-overlay\n');
  put('profiles/categories', 'dev-test\n');
  put('metadata/layout.conf', 'masters = gentoo\nthin-manifests = true\n');
  put('eclass/tool-r1.eclass', ECLASS);
  put('dev-test/tool/tool-1.2.ebuild', INHERITING);
});

const read = (text: string, reader = createMetadataReader(root, undefined)): Promise<EbuildMetadata> =>
  reader.read(file, parseEbuild(text, bash));

/** The sources of all facts. */
const sources = ({ eapi, slot, iuse, inherited, dependencies }: EbuildMetadata): string[] => [
  ...new Set([eapi, slot, iuse, inherited, ...Object.values(dependencies)].map(({ source }) => source)),
];

describe('metadata after eclasses', () => {
  test('are the text alone where it inherits nothing', async () => {
    const metadata = await read(ALONE);
    expect(sources(metadata)).toEqual(['text']);
    expect(metadata.slot.value).toBe('0/3');
    expect(metadata.iuse.value).toEqual(['gui']);
    expect(metadata.dependencies.RDEPEND.value).toBe('dev-libs/a:= gui? ( x11-libs/b )');
    expect(metadata.dependencies.BDEPEND).toEqual({ value: '', source: 'text', range: undefined });
    const range = metadata.dependencies.DEPEND.range;
    expect(ALONE.slice(range?.start, range?.end)).toBe('DEPEND="${COMMON}\n\tgui? ( x11-libs/b )"');
  });

  test.each([
    ['an if', `${ALONE}if true; then DEPEND+=" a/b"; fi\n`],
    ['a function that may be called', `${ALONE}add() { DEPEND+=" a/b"; }\nadd\n`],
    ['eval', `${ALONE}eval 'DEPEND=a/b'\n`],
    ['an eclass', `${ALONE}inherit tool-r1\n`],
    ['an eclass that only bash knows', `${ALONE}inherit \${WHICH}\n`],
    ['a substitution', `${ALONE}DEPEND+=" $(make_atoms)"\n`],
    ['an EAPI with other rules', ALONE.replace('EAPI=8', 'EAPI=4')],
    ['a quote that is missing', `${ALONE}BDEPEND="a/b\n`],
  ])('are not taken from a text with %s', async (_name, text) => {
    await expect(read(text)).rejects.toThrow(/Only bash can evaluate the metadata/);
  });

  test('are a cache entry whose checksums agree', async () => {
    putCacheEntry(INHERITING, ECLASS);
    const metadata = await read(INHERITING);
    expect(sources(metadata)).toEqual(['md5-cache']);
    expect(metadata.dependencies.BDEPEND.value).toBe('virtual/pkgconfig dev-build/tool-maker');
    expect(metadata.iuse.value).toEqual(['gui', 'doc']);
    expect(metadata.inherited.value).toEqual(['tool-r1']);
  });

  test('are not a cache entry of another text, as in a buffer that is not saved', async () => {
    putCacheEntry(INHERITING, ECLASS);
    await expect(read(`${INHERITING}\n`)).rejects.toThrow(/Only bash can evaluate the metadata/);
  });

  test('are not a cache entry of another eclass', async () => {
    putCacheEntry(INHERITING, ECLASS);
    put('eclass/tool-r1.eclass', ECLASS_WITH_DOC);
    await expect(read(INHERITING)).rejects.toThrow(/Only bash can evaluate the metadata/);
  });
});

/** A state folder for the test, with the real package managers. */
async function testWorld(name: 'portage' | 'pkgcore') {
  const world = await createWorld(name);
  const home = mkdtempSync(join(folder, 'home-'));
  chmodSync(home, 0o755);
  return { ...world, home };
}

describe.each(['portage', 'pkgcore'] as const)('with %s', (name) => {
  const realTest = requireOrSkip(missingForTrials(name));

  realTest(
    'an unsaved text is evaluated with the eclass, and each atom is traced to where it is written',
    async () => {
      const world = await testWorld(name);
      const reader = createMetadataReader(world.rootPath, createEvaluator(world));
      const text = INHERITING.replace('virtual/pkgconfig', 'dev-test/unsaved');
      const metadata = await read(text, reader);
      expect(sources(metadata)).toEqual(['package manager']);
      expect(metadata.dependencies.BDEPEND.value).toBe('dev-test/unsaved dev-build/tool-maker');
      expect(metadata.use?.value).toContain('gui');

      const values = Object.fromEntries(
        Object.entries(metadata.dependencies).map(([variable, { value }]) => [variable, value]),
      ) as Parameters<typeof traceAtoms>[0];
      const traced = traceAtoms(
        values,
        parseEbuild(text, bash),
        packageVariables('dev-test', 'tool-1.2'),
        metadata.inherited.value,
        () => new Set(['dev-build/tool-maker']),
      );
      expect(
        traced.map(({ variable, atom, origin }) => [
          variable,
          `${atom.category}/${atom.name}`,
          origin.kind === 'text'
            ? (origin.viaVariable ?? 'text')
            : origin.kind === 'eclass'
              ? origin.eclass
              : '?',
        ]),
      ).toEqual([
        ['RDEPEND', 'dev-libs/a', 'DEPEND'],
        ['RDEPEND', 'x11-libs/b', 'DEPEND'],
        ['DEPEND', 'dev-libs/a', 'COMMON'],
        ['DEPEND', 'x11-libs/b', 'text'],
        ['BDEPEND', 'dev-test/unsaved', 'text'],
        ['BDEPEND', 'dev-build/tool-maker', 'tool-r1'],
      ]);
    },
    60_000,
  );

  realTest(
    'an evaluation is kept until the eclass changes',
    async () => {
      const world = await testWorld(name);
      const runs: string[] = [];
      const started = Date.now();
      const counted = {
        ...world,
        sandbox: {
          run: (...words: Parameters<typeof world.sandbox.run>) => {
            runs.push('run');
            return world.sandbox.run(...words);
          },
        },
      };
      const bdepend = async () =>
        (await createEvaluator(counted)(file, INHERITING)).dependencies.BDEPEND.split(/\s+/).sort().join(' ');
      expect(await bdepend()).toBe('dev-build/tool-maker virtual/pkgconfig');
      expect(await bdepend()).toBe('dev-build/tool-maker virtual/pkgconfig');
      expect(runs).toHaveLength(1);
      put('eclass/tool-r1.eclass', ECLASS_WITH_DOC);
      expect(await bdepend()).toBe('( ) app-text/doc-maker dev-build/tool-maker doc? virtual/pkgconfig');
      expect(runs).toHaveLength(2);
      // A stored answer of another shape is not used.
      const answers = join(world.home, 'answers');
      const ours = readdirSync(answers).filter((kept) => statSync(join(answers, kept)).mtimeMs >= started);
      for (const kept of ours)
        writeFileSync(join(answers, kept), JSON.stringify({ metadata: { eapi: 8 }, eclasses: [] }));
      expect(await bdepend()).toContain('app-text/doc-maker');
      expect(runs).toHaveLength(3);
    },
    60_000,
  );
});
