import { describe, expect, test } from 'vitest';
import type { Knowledge } from '../../server/src/audit/knowledge.ts';
import { packageVariables } from '../../server/src/ebuild/package-variables.ts';
import { linksOf } from '../../server/src/navigation/links.ts';
import { withEbuild } from './marked.ts';

const offer = (category: string, name: string, repository: string) => ({
  category,
  name,
  version: '1',
  repository,
  slot: '0',
  subslot: '0',
  iuse: [],
});
const knowledge: Partial<Knowledge> = {
  incomplete: undefined,
  offered: (category, name) =>
    name === 'absent' ? [] : [offer(category, name, name.startsWith('own') ? 'overlay' : 'gentoo')],
  mirrors: () => new Map([['gnu', ['ftp://x.example/gnu', 'https://ftp.gnu.org/gnu/']]]),
  packageFile: (_category, _name, path) => (path.endsWith('.patch') ? `/g/media-gfx/foo/${path}` : undefined),
};

/** Each link as `word → target`. */
function show(
  text: string,
  known: Knowledge | undefined = knowledge as Knowledge,
  version = '1.2.3-r1',
): string[] {
  return withEbuild(text, (ebuild) =>
    linksOf({ ebuild, knowledge: known, predefined: packageVariables('media-gfx', `foo-${version}`) }).map(
      (link) => `${text.slice(link.start, link.end)} → ${'file' in link ? link.file : link.address}`,
    ),
  );
}

describe('links', () => {
  test('of bugs', () => {
    expect(
      show(
        '# bug #123456, #234567 and 345678\nA="Bug 456789" # https://bugs.gentoo.org/567890 bugs.gentoo.org/1\n# debug 123456, bug 12, bug 123456789012x\n',
      ),
    ).toEqual([
      'bug #123456 → https://bugs.gentoo.org/123456',
      '#234567 → https://bugs.gentoo.org/234567',
      '345678 → https://bugs.gentoo.org/345678',
      'Bug 456789 → https://bugs.gentoo.org/456789',
      'https://bugs.gentoo.org/567890 → https://bugs.gentoo.org/567890',
      'bugs.gentoo.org/1 → https://bugs.gentoo.org/1',
    ]);
  });

  test('of HOMEPAGE and SRC_URI have the known values put in', () => {
    expect(
      show(
        'MY_PV=${PV//./_}\nMY_P="${PN}-${MY_PV}"\nHOMEPAGE="https://${PN}.example.org/ http://a.b/c"\nSRC_URI="\n\thttps://x.example/$(ver_cut 1-2)/${MY_P}.tar.gz -> ${P}.tar.gz\n\tdoc? ( mirror://gnu/${PN}/${P}.tar.xz )\n\tfetch+https://y.example/${PV}.zip\n"\n',
      ),
    ).toEqual([
      'https://${PN}.example.org/ → https://foo.example.org/',
      'http://a.b/c → http://a.b/c',
      'https://x.example/$(ver_cut 1-2)/${MY_P}.tar.gz → https://x.example/1.2/foo-1_2_3.tar.gz',
      'mirror://gnu/${PN}/${P}.tar.xz → https://ftp.gnu.org/gnu/foo/foo-1.2.3.tar.xz',
      'fetch+https://y.example/${PV}.zip → https://y.example/1.2.3.zip',
    ]);
  });

  test('of an address with an unknown part, an unknown mirror or another protocol there are none', () => {
    expect(
      show(
        'SRC_URI="https://x.example/${UNKNOWN} mirror://absent/a ftp://x.example/a file:///etc/passwd command:evil javascript:alert(1)"\n',
      ),
    ).toEqual([]);
  });

  test('of an address that hides its host or has strange characters there are none', () => {
    expect(
      show(
        'HOMEPAGE="https://gentoo.org@evil.example/ https://a.b/\u202ec https://ä.example https://a.b/<c> https://"\n',
      ),
    ).toEqual([]);
  });

  test('in single quotes have no value put in', () => {
    expect(show("HOMEPAGE='https://a.b/c https://a.b/${PN}'\n")).toEqual(['https://a.b/c → https://a.b/c']);
  });

  test('of the releases of a live ebuild there are none', () => {
    const text = 'HOMEPAGE="https://a.b/"\nif x; then\n\tSRC_URI="https://a.b/${PV}"\nfi\n';
    expect(show(text, undefined, '9999')).toEqual(['https://a.b/ → https://a.b/']);
    expect(show(text, undefined, '1')).toHaveLength(2);
  });

  test('of packages lead to the pages of Gentoo’s repository', () => {
    expect(
      show(
        'COMMON_DEPEND="\n\t>=dev-libs/a+b-1:0=[x]\n\tssl? ( || ( a/b !c/d ) )\n\t~e/f-${PV}\n\t$(python_gen_cond_dep \'\n\t\tg/h[${PYTHON_USEDEP}]\n\t\')\n\town-x/own i/absent ${X}\n"\n',
      ),
    ).toEqual([
      'dev-libs/a+b → https://packages.gentoo.org/packages/dev-libs/a%2Bb',
      'a/b → https://packages.gentoo.org/packages/a/b',
      'c/d → https://packages.gentoo.org/packages/c/d',
      'e/f → https://packages.gentoo.org/packages/e/f',
      'g/h → https://packages.gentoo.org/packages/g/h',
    ]);
  });

  test('of files below FILESDIR', () => {
    expect(
      show(
        'PATCHES=( "${FILESDIR}/${P}-a.patch" "${FILESDIR}"/b.patch "${FILESDIR}/../../x.patch" "${FILESDIR}/absent" )\n',
      ),
    ).toEqual([
      '${FILESDIR}/${P}-a.patch → /g/media-gfx/foo/files/foo-1.2.3-a.patch',
      '${FILESDIR}"/b.patch → /g/media-gfx/foo/files/b.patch',
    ]);
  });

  test('are found in a text that is not bash, with CRLF, outside a repository, and in no text', () => {
    expect(show('RDEPEND="\r\n\ta/b\r\n\r\nf() {\r\n', undefined)).toEqual([
      'a/b → https://packages.gentoo.org/packages/a/b',
    ]);
    expect(show('')).toEqual([]);
  });

  test('of ten thousand lines take no quadratic time', () => {
    const text = `A=1\n${'SRC_URI+=" https://x.example/${A}"\n'.repeat(9_990)}`;
    const began = performance.now();
    expect(show(text).length).toBeGreaterThan(0);
    expect(performance.now() - began).toBeLessThan(8000);
  });
});
