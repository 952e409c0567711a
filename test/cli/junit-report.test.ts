import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatJunit } from '../../server/src/cli/report/junit-report.ts';
import { isSeen, showLine, showText } from '../../server/src/errors/visible-text.ts';
import { escapeXml } from '../../server/src/page/xml-text.ts';
import {
  hostileReview,
  MISSING,
  makeEbuild,
  makeReview,
  makeSide,
  PATH,
  SETTING,
  TEXT,
  UNUSED,
} from './made-review.ts';

interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: Element[];
  text: string;
}

const TOKEN =
  /<(\/?)([a-z-]+)((?: [a-z]+="[^"<]*")*)(\/?)>|<!-- (?:(?!--).)*? -->|<\?xml version="1.0" encoding="UTF-8"\?>|([^<]+)/y;

const decode = (text: string) =>
  text.replace(/&([^;]*;)?/g, (entity) => {
    const character = { '&lt;': '<', '&gt;': '>', '&amp;': '&', '&quot;': '"', '&#39;': "'" }[entity];
    if (character === undefined) throw new Error(`${entity} is no entity.`);
    return character;
  });

/** Reads the subset of XML that the report may use, and refuses everything else. */
function readXml(xml: string): Element {
  const root: Element = { name: '', attributes: {}, children: [], text: '' };
  const open = [root];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < xml.length) {
    const at = TOKEN.lastIndex;
    const token = TOKEN.exec(xml);
    if (token === null) throw new Error(`not XML: ${xml.slice(at, at + 80)}`);
    const [, end, name, attributes = '', empty, text] = token;
    const top = open.at(-1) ?? root;
    if (text !== undefined) top.text += decode(text);
    else if (end === '/') expect(open.pop()?.name).toBe(name);
    else if (name !== undefined) {
      const pairs = [...attributes.matchAll(/ ([a-z]+)="([^"]*)"/g)];
      const element: Element = {
        name,
        attributes: Object.fromEntries(pairs.map(([, key = '', value = '']) => [key, decode(value)])),
        children: [],
        text: '',
      };
      top.children.push(element);
      if (empty !== '/') open.push(element);
    }
  }
  expect(open).toEqual([root]);
  expect(root.children).toHaveLength(1);
  return root.children[0] ?? root;
}

describe('JUnit XML', () => {
  test('as a whole text: a suite for each ebuild, a failed test for each new error or warning', () => {
    const failed = makeSide(TEXT, { outcome: 'failed', failure: { phase: 'compile', firstError: 'a < b' } });
    const review = makeReview(
      [
        makeEbuild({ added: [MISSING, UNUSED], fixed: [UNUSED] }),
        makeEbuild({ path: 'a/b/b-1.ebuild', from: undefined, after: failed, isJudged: false }),
        makeEbuild({ path: 'a/c/c-1.ebuild', from: undefined }),
      ],
      { eclasses: [{ name: 'x--y', inheriting: 0, taken: 0 }] },
    );
    expect(formatJunit(review, SETTING).split('\n')).toEqual([
      '<?xml version="1.0" encoding="UTF-8"?>',
      '<testsuites name="Ebuild Audit" tests="3" failures="1" errors="1" time="1.000">',
      `  <testsuite name="${PATH}" tests="1" failures="1" errors="0" skipped="0" time="0">`,
      `    <testcase classname="${PATH}" name="missing-depend media-libs/libpng" file="${PATH}" line="2" time="0">`,
      '      <failure type="error" message="Add media-libs/libpng to DEPEND: the build fails without /usr/include/png.h of media-libs/libpng, and passes with it.">Add media-libs/libpng to DEPEND: the build fails without /usr/include/png.h of media-libs/libpng, and passes with it.',
      'src_compile › emake › make › cc1 tried to read /usr/include/png.h, which was hidden (2 times)</failure>',
      '    </testcase>',
      '    <system-out>new, compared with foo-1.ebuild',
      'new hint[unused]: Remove sys-libs/zlib from DEPEND if nothing else needs it: the build without it installs the same image.',
      'fixed hint[unused]: Remove sys-libs/zlib from DEPEND if nothing else needs it: the build without it installs the same image.</system-out>',
      '  </testsuite>',
      '  <testsuite name="a/b/b-1.ebuild" tests="1" failures="0" errors="1" skipped="0" time="0">',
      '    <testcase classname="a/b/b-1.ebuild" name="trial" file="a/b/b-1.ebuild" time="0">',
      '      <error type="not judged" message="No missing dependency explains the failure: the compile phase failed: a &lt; b">No missing dependency explains the failure: the compile phase failed: a &lt; b</error>',
      '    </testcase>',
      '    <system-out>new',
      'not judged: No missing dependency explains the failure: the compile phase failed: a &lt; b</system-out>',
      '  </testsuite>',
      '  <testsuite name="a/c/c-1.ebuild" tests="1" failures="0" errors="0" skipped="0" time="0">',
      '    <testcase classname="a/c/c-1.ebuild" name="no new error or warning" file="a/c/c-1.ebuild" time="0"/>',
      '    <system-out>new</system-out>',
      '  </testsuite>',
      '  <!-- 2 new, 1 fixed, 0 unchanged, 1 ebuild not judged – 1 package, 3 USE states, 1.0 s No ebuild inherits the changed x- -y.eclass. -->',
      '</testsuites>',
    ]);
  });

  test('writes characters that XML forbids as text', () => {
    expect(escapeXml('a\0\u001b\ufffe\ud800<&>"\'')).toBe(
      'a\\u{0}\\u{1b}\\u{fffe}\\u{d800}&lt;&amp;&gt;&quot;&#39;',
    );
  });

  test('is XML with the values that were given, whatever an ebuild is called', () => {
    fc.assert(
      fc.property(hostileReview, (review) => {
        const xml = formatJunit(review, SETTING);
        expect(isSeen(xml)).toBe(true);
        const root = readXml(xml);
        const [ebuild] = review.ebuilds;
        const suite = root.children[0];
        expect(suite?.attributes.name).toBe(showLine(ebuild?.path ?? ''));
        expect(suite?.children.map(({ name }) => name)).toEqual([
          'testcase',
          ...(ebuild?.isJudged ? [] : ['testcase']),
          'system-out',
        ]);
        const failure = suite?.children[0]?.children[0];
        expect(failure?.name).toBe('failure');
        expect(failure?.attributes.message).toBe(showLine(ebuild?.added[0]?.message ?? ''));
        expect(showText(failure?.text ?? '').split('\n')).toHaveLength(2);
      }),
    );
  });
});
