import fc from 'fast-check';
import { type DefaultTreeAdapterTypes, parse } from 'parse5';
import { describe, expect, test } from 'vitest';
import type { TrialRecord } from '../../server/src/audit/record.ts';
import { formatHtml } from '../../server/src/cli/report/html-report.ts';
import { isSeen, showLine, showName } from '../../server/src/errors/visible-text.ts';
import { listPackages } from '../../server/src/page/package-graph.ts';
import type { Review } from '../../server/src/review/review.ts';
import { makeRecord, NOTHING_DECLARED } from '../support/trial-record.ts';
import { NOW } from './fakes.ts';
import { makeNeed, makeUse, PAGE } from './made-page.ts';
import { hostileReview, makeEbuild, makeReview, makeSide, SETTING, TEXT } from './made-review.ts';

type Node = DefaultTreeAdapterTypes.Node;
type Element = DefaultTreeAdapterTypes.Element;

const isElement = (node: Node): node is Element => 'tagName' in node;

/** All elements of a page in order. A page that a browser would have to repair fails. */
function read(page: string): readonly Element[] {
  const errors: string[] = [];
  const document = parse(page, {
    onParseError: ({ code }) => void errors.push(code),
    sourceCodeLocationInfo: true,
  });
  expect(errors).toEqual([]);
  const walk = (node: Node): Element[] => [
    ...(isElement(node) ? [node] : []),
    ...('childNodes' in node ? node.childNodes.flatMap(walk) : []),
  ];
  return walk(document);
}

function textOf(node: Node): string {
  if ('value' in node) return node.value;
  return 'childNodes' in node ? node.childNodes.map(textOf).join('') : '';
}

const attribute = (element: Element, name: string): string =>
  element.attrs.find((pair) => pair.name === name)?.value ?? '';

const named = (elements: readonly Element[], ...names: string[]) =>
  elements.filter(({ tagName }) => names.includes(tagName));

const classed = (elements: readonly Element[], name: string) =>
  elements.filter((element) => attribute(element, 'class').split(' ').includes(name));

/** The cells of each row of all tables. */
const rowsOf = (elements: readonly Element[]): readonly (readonly string[])[] =>
  named(elements, 'tr').map((row) => row.childNodes.filter(isElement).map(textOf));

const format = (review: Review) => formatHtml(review, SETTING);

/** Everything that a page may be made of. None of it runs, loads or sends anything. */
const ELEMENTS = new Set(
  'html head meta title style body header main footer section article h1 h2 h3 h4 p a strong code ul ol li pre ins del span div table thead tbody tr th td details summary svg g path rect text'.split(
    ' ',
  ),
);
const ATTRIBUTES = new Set(
  'lang charset http-equiv content name class id href role tabindex aria-label aria-labelledby scope viewBox width height x y rx d'.split(
    ' ',
  ),
);
const PAGES = 'https://github.com/ebuild-audit/ebuild-audit';

function expectSafe(elements: readonly Element[]): void {
  for (const element of elements) {
    expect(ELEMENTS).toContain(element.tagName);
    for (const { name, value } of element.attrs) {
      expect(ATTRIBUTES).toContain(name);
      if (name === 'href')
        expect(value).toMatch(/^(#ebuild-\d+|https:\/\/github\.com\/ebuild-audit\/ebuild-audit[\w./-]*)$/);
      if (name === 'class') expect(value).toMatch(/^[a-z -]+$/);
    }
  }
  const ids = elements.map((element) => attribute(element, 'id')).filter((id) => id !== '');
  expect(new Set(ids).size).toBe(ids.length);
  expect(named(elements, 'style')).toHaveLength(1);
}

describe('the page', () => {
  const page = format(PAGE);
  const elements = read(page);
  const texts = (...names: string[]) => named(elements, ...names).map(textOf);

  test('is safe, and may load nothing and run nothing', () => {
    expectSafe(elements);
    expect(page.startsWith('<!doctype html>\n')).toBe(true);
    const [policy] = elements.filter(
      (element) => attribute(element, 'http-equiv') === 'Content-Security-Policy',
    );
    expect(policy && attribute(policy, 'content')).toMatch(
      /^default-src 'none'; style-src 'sha256-[A-Za-z0-9+/]{43}='; base-uri 'none'; form-action 'none'$/,
    );
  });

  test('says what a review says, with headings in order', () => {
    expect(texts('h1')).toEqual(['Review of HEAD against HEAD~1']);
    expect(textOf(classed(elements, 'counts')[0] as Node)).toBe(
      '4 new, 1 fixed, 1 unchanged, 1 ebuild not judged – 1 package, 3 USE states, 1.0 s, 1 from records',
    );
    expect(texts('h2')).toEqual([...PAGE.ebuilds.map(({ path }) => path), 'Time line']);
    const levels = named(elements, 'h1', 'h2', 'h3', 'h4').map(({ tagName }) => Number(tagName.slice(1)));
    for (const [at, level] of levels.entries()) expect(level).toBeLessThanOrEqual((levels[at - 1] ?? 0) + 1);
    expect(texts('p')).toEqual(
      expect.arrayContaining([
        '1 removed ebuild was not looked at.',
        '1 known finding is hidden by baseline.json.',
      ]),
    );
    expect(texts('summary')).toEqual([
      'Fixed: 1 finding (unused)',
      'Unchanged: 1 finding (missing-depend)',
      'In the baseline: 1 finding (unused)',
      'The packages as a table',
      'The times as a table',
    ]);
    const rows = rowsOf(elements);
    expect(rows).toContainEqual([PAGE.ebuilds[0]?.path, '4', '1', '1', 'new errors or warnings']);
    expect(rows).toContainEqual(['dev-test/bar/bar-1.ebuild', '0', '0', '0', 'not judged']);
    expect(rows).toContainEqual(['dev-test/big/big-1.ebuild', '0', '0', '0', 'no new error or warning']);
    expect(rows).toContainEqual([
      '-png -ssl',
      'failed in compile: foo.c:1: fatal error: png.h: No such file',
    ]);
  });

  test('has the whole chain of a finding, and its edit as a diff', () => {
    const article = named(elements, 'article')[0] as Element;
    expect(attribute(article, 'id')).toBe('finding-1-1');
    const inside = textOf(article);
    for (const part of [
      'error missing-depend, line 2, column 10',
      'src_compile › emake › make › cc1 tried to read /usr/include/png.h, which was hidden (2 times)',
      'owner: media-libs/libpng-1.6.39',
      'rule: What is built against belongs in DEPEND (PMS 8.1).',
      'trial: src_compile passes with it.',
      'Fix: Add media-libs/libpng to DEPEND',
    ])
      expect(inside).toContain(part);
    expect(textOf(classed(elements, 'diff')[0] as Node).split('\n')).toEqual([
      expect.stringMatching(/^@@ .* @@$/),
      ' EAPI=8',
      ' X="ä𐐀"; DEPEND="',
      '+\tmedia-libs/libpng:=',
      ' \tsys-libs/zlib',
      ' "',
      '',
    ]);
    expect(textOf(named(elements, 'ins')[0] as Node)).toBe('+\tmedia-libs/libpng:=\n');
  });

  test('draws few packages, with a table, and lists many', () => {
    expect(named(elements, 'svg')).toHaveLength(2);
    const boxes = named(elements, 'g').map((box) => `${attribute(box, 'class')} ${textOf(box)}`);
    expect(boxes).toEqual([
      'ebuild foo-2.ebuild',
      'missing media-libs/libpng',
      'missing virtual/pkgconfig',
      'not-installed dev-util/new',
      'declared app-text/idle',
      'declared dev-build/cmake',
      'declared dev-libs/glib',
      'declared sys-libs/zlib',
      'through dev-libs/libffi',
      'through dev-libs/libpcre2',
    ]);
    // Seven from the ebuild, one to libffi, and two to libpcre2.
    expect(classed(elements, 'line')).toHaveLength(10);
    const rows = rowsOf(elements);
    expect(rows).toContainEqual([
      'dev-libs/libpcre2',
      'through dev-libs/glib, sys-libs/zlib',
      '–',
      'header',
      'DEPEND',
    ]);
    const both = 'RDEPEND, DEPEND';
    expect(rows).toContainEqual(['sys-libs/zlib', 'declared', both, 'linked, header', both]);
    expect(rows).toContainEqual(['app-text/idle', 'declared', 'RDEPEND', '–', '–']);
    expect(rows).toContainEqual(['media-libs/libpng', 'missing', '–', '–', 'DEPEND']);
    expect(rows).toContainEqual(['dev-util/new', 'declared, not installed', 'BDEPEND', '–', '–']);
    expect(rows.filter(([name]) => name?.startsWith('dev-libs/part'))).toHaveLength(30);
  });

  test('has a time line of all trials, each once', () => {
    const side = (record: Partial<TrialRecord>, began: number, ...phases: readonly [string, number][]) => {
      const made = makeSide(TEXT, record);
      const time = {
        began,
        ended: began + 100,
        phases: phases.map(([name, after]) => ({ name, began: began + after })),
      };
      return made.trial.kind === 'done' ? { ...made, trial: { ...made.trial, time } } : made;
    };
    const after = side(
      {},
      1500,
      ['setup', 0],
      ['compile', 20],
      ['comparing test', 60],
      ['setup with USE="x" (1 of 1)', 90],
    );
    const review = makeReview([
      makeEbuild({ before: side({ storedAt: NOW }, 1400), after }),
      makeEbuild({ path: 'dev-test/bar/bar-1.ebuild', from: undefined, before: after, after }),
    ]);
    const found = read(format(review));
    const lines = named(found, 'svg').at(-1) as Element;
    expect(
      named([...lines.childNodes] as Element[], 'rect').map((bar) => [
        attribute(bar, 'class'),
        attribute(bar, 'x'),
        attribute(bar, 'width'),
      ]),
    ).toEqual([
      ['record', '586.0', '64.0'],
      ['build', '650.0', '38.4'],
      ['comparison', '688.4', '19.2'],
      ['state', '707.6', '6.4'],
    ]);
    expect(rowsOf(found).slice(-2)).toEqual([
      ['foo-1.ebuild, base', '0.4 s', 'read from a record 0.1 s'],
      ['foo-2.ebuild', '0.5 s', 'build 0.1 s, builds for comparison 0.0 s, other USE states 0.0 s'],
    ]);
    const refused = { ...makeSide(TEXT), trial: { kind: 'refused' as const, reason: 'No.' } };
    expect(format(makeReview([makeEbuild({ before: undefined, after: refused })]))).not.toContain(
      'Time line',
    );
    const many = Array.from({ length: 41 }, (_, at) =>
      makeEbuild({ before: undefined, after: side({}, 1000 + at) }),
    );
    expect(
      named(read(format(makeReview(many))), 'svg').filter((svg) => attribute(svg, 'class') === 'times'),
    ).toEqual([]);
  });

  test('of nothing to review, and of an ebuild without findings', () => {
    const empty = read(format(makeReview([])));
    expectSafe(empty);
    expect(textOf(classed(empty, 'counts')[0] as Node)).toContain('there is nothing to review');
    expect(format(makeReview([makeEbuild()]))).toContain('<p>No findings.</p>');
  });

  test('takes no name of an ebuild for markup, an address or a character that cannot be seen', () => {
    fc.assert(
      fc.property(hostileReview, (review) => {
        const hostile = format(review);
        expect(isSeen(hostile)).toBe(true);
        const found = read(hostile);
        expectSafe(found);
        const [ebuild] = review.ebuilds;
        // The text is there as it was given.
        expect(textOf(named(found, 'h2')[0] as Node)).toBe(showName(ebuild?.path ?? ''));
        expect(textOf(named(found, 'title')[0] as Node)).toContain(showLine(review.headName));
        const message = showLine(ebuild?.added[0]?.message ?? '');
        const oneBlank = (text: string) => text.split(' ').filter(Boolean).join(' ');
        expect(oneBlank(textOf(classed(found, 'message')[0] as Node))).toBe(oneBlank(message));
        expect(named(found, 'article')).toHaveLength(1);
        expect(named(found, 'svg')).toHaveLength(2);
        expect(
          named(found, 'a')
            .map((link) => attribute(link, 'href'))
            .filter((href) => href.startsWith(PAGES)),
        ).toHaveLength(4);
      }),
    );
  });
});

describe('the packages of a trial', () => {
  const list = (record: TrialRecord) =>
    listPackages(record).map(({ name, role, through, declaredIn }) =>
      [`${role} ${name}`, ...through.map((by) => `by ${by}`), ...declaredIn].join(' '),
    );

  test('are those of all USE states, and a missing one is missing even if another state declares it', () => {
    const evaluated = { ...NOTHING_DECLARED, DEPEND: 'x? ( a/a )', RDEPEND: '!x? ( app-text/idle )' };
    const record = makeRecord(TEXT, {
      evaluated,
      use: ['x'],
      uses: [makeUse('a/a'), makeUse('b/b', { licence: 'closure', through: ['a/a'] })],
      variants: [
        makeRecord(TEXT, {
          evaluated,
          needs: [makeNeed('a/a')],
          uses: [makeUse('b/b'), makeUse('c/c', { licence: 'system' })],
        }),
      ],
    });
    expect(list(record)).toEqual([
      'missing a/a DEPEND',
      'declared app-text/idle RDEPEND',
      'declared b/b by a/a',
    ]);
  });

  test('have the name that the ebuild has, otherwise that of the virtual that stands for them', () => {
    const uses = [makeUse('dev-util/pkgconf', { atom: 'virtual/pkgconfig' })];
    expect(list(makeRecord(TEXT, { uses }))).toEqual(['declared virtual/pkgconfig']);
    const evaluated = { ...NOTHING_DECLARED, BDEPEND: '>=dev-util/pkgconf-2' };
    expect(list(makeRecord(TEXT, { uses, evaluated }))).toEqual(['declared dev-util/pkgconf BDEPEND']);
  });

  test('of a group of alternatives are those that are used', () => {
    const evaluated = { ...NOTHING_DECLARED, RDEPEND: '|| ( a/a b/b ) !c/c' };
    expect(list(makeRecord(TEXT, { evaluated, uses: [makeUse('b/b')] }))).toEqual(['declared b/b RDEPEND']);
  });
});
