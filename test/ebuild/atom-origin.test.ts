import { expect, test } from 'vitest';
import { type AtomOrigin, traceAtoms } from '../../server/src/ebuild/atom-origin.ts';
import { parseEbuild } from '../../server/src/ebuild/facts.ts';
import { printAtom } from '../../server/src/pms/atom.ts';
import { bash } from './bash.ts';

const NOTHING = { DEPEND: '', BDEPEND: '', RDEPEND: '', PDEPEND: '', IDEPEND: '' };
/** The atoms of three eclasses; `outer` inherits `inner`. */
const NAMES: Readonly<Record<string, ReadonlySet<string>>> = {
  inner: new Set(['dev-build/ninja']),
  outer: new Set(['dev-build/ninja', 'dev-build/meson']),
  python: new Set(['dev-lang/python']),
};

/** Each atom of RDEPEND with where it came from. */
function trace(text: string, rdepend: string): string[] {
  const show = (origin: AtomOrigin): string => {
    if (origin.kind === 'eclass') return `eclass ${origin.eclass ?? 'of some name'}`;
    if (origin.kind === 'unknown')
      return `perhaps ${origin.candidates.map(({ start, end }) => text.slice(start, end)).join(' ')}`;
    const by = origin.generator ?? origin.viaVariable;
    return `${text.slice(origin.range.start, origin.range.end)}${by === undefined ? '' : ` by ${by}`}`;
  };
  const facts = parseEbuild(text, bash);
  const evaluated = { ...NOTHING, RDEPEND: rdepend };
  return traceAtoms(evaluated, facts, {}, Object.keys(NAMES), (eclass) => NAMES[eclass]).map(
    ({ atom, origin }) => `${printAtom(atom)}: ${show(origin)}`,
  );
}

test('many atoms that a generator makes of one lead to the one', () => {
  const text = 'RDEPEND="$(python_gen_cond_dep \'\n\tdev-python/a[${PYTHON_USEDEP}]\n\')"\n';
  const rdepend = 'python_1? ( dev-python/a[x(-)] ) python_2? ( dev-python/a[y(-)] )';
  expect(trace(text, rdepend)).toEqual([
    'dev-python/a[x(-)]: dev-python/a[${PYTHON_USEDEP}] by python_gen_cond_dep',
    'dev-python/a[y(-)]: dev-python/a[${PYTHON_USEDEP}] by python_gen_cond_dep',
  ]);
});

test('an atom in a helper variable, and one whose version only bash knows', () => {
  const text = 'COMMON="a/b:="\nRDEPEND="${COMMON}\n\t>=c/d-$(ver_cut 1)\n"\n';
  expect(trace(text, 'a/b:= >=c/d-1')).toEqual(['a/b:=: a/b:= by COMMON', '>=c/d-1: >=c/d-$(ver_cut 1)']);
});

test('an atom that eclasses add is the innermost’s that names it, and never the text’s for the second time', () => {
  const text = 'RDEPEND="dev-build/meson"\n';
  expect(trace(text, 'dev-build/meson dev-build/meson dev-build/ninja x/y')).toEqual([
    'dev-build/meson: dev-build/meson',
    'dev-build/meson: eclass outer',
    'dev-build/ninja: eclass inner',
    'x/y: eclass of some name',
  ]);
});

test('an atom that no eclass names may come from a word that only bash can expand', () => {
  const text = 'RDEPEND="a/b ${FROM_ECLASS}"\n';
  expect(trace(text, 'a/b x/y dev-lang/python')).toEqual([
    'a/b: a/b',
    'x/y: perhaps ${FROM_ECLASS}',
    'dev-lang/python: eclass python',
  ]);
});
