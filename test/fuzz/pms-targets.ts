import { parseAtom, printAtom } from '../../server/src/pms/atom.ts';
import { activeWhen, isAlways, printCondition } from '../../server/src/pms/condition.ts';
import { parseDependency } from '../../server/src/pms/dependency.ts';
import { parseLicense, parseRestrict } from '../../server/src/pms/name-list.ts';
import { isAllowed, parseRequiredUse } from '../../server/src/pms/required-use.ts';
import { parseSourceUri } from '../../server/src/pms/source-uri.ts';
import { hasChildren, type Item, type Specification } from '../../server/src/pms/specification.ts';
import type { Problem } from '../../server/src/pms/text-range.ts';
import { compareVersions, parseVersion, printVersion } from '../../server/src/pms/version.ts';
import type { FuzzTarget } from './target.ts';

const BASE = 7;
const EVERY_RULE = { eapi: '8', ebuild: true };

/** Words of every specification. */
const WORDS = [
  ' ',
  '\n\t',
  '( ',
  ' )',
  '|| ( ',
  '^^ ( ',
  '?? ( ',
  'ssl? ( ',
  '!ssl? ( ',
  '${X}',
  '$(gen ',
  '${',
  '#',
  '\\\n',
  ',',
];

const VERSION_SEEDS = [
  '1',
  '1.2.3',
  '0.0.20240101',
  '1.2b_alpha1_p2-r3',
  '9999',
  '2.0_rc1-r10',
  '01.020',
  '1_pre_p',
];

const ATOM_SEEDS = [
  'dev-libs/openssl',
  '>=dev-libs/openssl-3.0.1_rc2-r3:0/3=[ssl,-bindist(-),abi_x86_32(-)?,!static=]',
  '!!<sys-apps/portage-2.3',
  '=dev-lang/python-3.12*:3.12[sqlite]',
  '~x11-libs/gtk+-3.24:3::gentoo',
];

const DEPENDENCY_SEEDS = [
  '\n\t>=dev-libs/glib-2.38:2\n\tssl? (\n\t\t|| ( dev-libs/openssl:= net-libs/gnutls )\n\t)\n\t!static? ( !sys-libs/musl )\n',
  "${PYTHON_DEPS}\n\t$(python_gen_cond_dep '\n\t\tdev-python/foo[${PYTHON_USEDEP}]\n\t')\n\tllvm_slot_${s}? ( llvm-core/clang:${s}= )\n",
  'foo? ( !foo? ( a/b ) bar? ( a/b ) ) !bar? ( a/b ) bar? ( baz? ( a/b ) )',
];

const SOURCE_SEEDS = [
  'https://example.org/${P}.tar.gz -> ${P}.gh.tar.gz\n\tdoc? ( mirror://gentoo/foo-1.pdf )',
  'fetch+https://example.org/a(1).zip mirror+https://example.org/b.zip -> c.zip local.patch',
];

const REQUIRED_USE_SEEDS = [
  '|| ( a b ) ^^ ( c !d ) ?? ( e f ) g? ( !h? ( i ) ) ${PYTHON_REQUIRED_USE}',
  'test? ( || ( x y ( z w ) ) )',
];

const NAME_SEEDS = [
  'GPL-2+ || ( MIT BSD-2 ) doc? ( FDL-1.3 )',
  '!test? ( test ) mirror bindist? ( fetch ) strip',
];

export const PMS_TARGETS: readonly FuzzTarget[] = [
  {
    name: 'parseVersion',
    seeds: VERSION_SEEDS,
    words: ['.', '_p', '_alpha', '-r', '0', '99999999999999999999', 'a'],
    run(text) {
      const version = parseVersion(text);
      if (version === undefined) return;
      if (printVersion(version) !== text) throw new Error('does not print as it was read');
      if (compareVersions(version, version) !== 0) throw new Error('does not equal itself');
      const [one] = VERSION_SEEDS.map(parseVersion);
      if (one !== undefined && compareVersions(one, version) + compareVersions(version, one) !== 0)
        throw new Error('the order depends on the side');
    },
  },
  {
    name: 'parseAtom',
    seeds: ATOM_SEEDS,
    words: ['>=', '~', '!', '-1', '-r1', '*', ':', '::', '/', '=', '[', ']', ',', '(+)', '(-)', '?', '–'],
    run(text) {
      for (const rules of [{}, EVERY_RULE]) {
        const { atom, errors } = parseAtom(text, BASE, rules);
        checkProblems(errors, text);
        if (atom === undefined && errors.length === 0) throw new Error('no atom and no error');
        if (atom !== undefined && parseAtom(printAtom(atom), 0, rules).errors.length > 0)
          throw new Error(`what is left is faulty: ${printAtom(atom)}`);
      }
    },
  },
  {
    name: 'parseDependency',
    seeds: DEPENDENCY_SEEDS,
    words: [...WORDS, ...ATOM_SEEDS, '[', ']', '\u00a0'],
    run(text) {
      // One of the two for each input: the time limit is for one reading.
      checkTree(parseDependency(text, BASE, text.length % 2 === 0 ? {} : EVERY_RULE), text);
    },
  },
  {
    name: 'activeWhen',
    seeds: DEPENDENCY_SEEDS,
    words: [...WORDS, 'a/b', 'foo? ( ', '!foo? ( ', 'bar? ( ', '!bar? ( '],
    run(text) {
      const condition = activeWhen(parseDependency(text).nodes, () => true);
      if ((printCondition(condition) === 'always') !== isAlways(condition))
        throw new Error('says two things');
    },
  },
  {
    name: 'parseSourceUri',
    seeds: SOURCE_SEEDS,
    words: [...WORDS, '->', ' -> ', 'https://a.b/c', 'fetch+', 'mirror+', '/'],
    run: (text) => checkTree(parseSourceUri(text, BASE, EVERY_RULE), text),
  },
  {
    name: 'parseRequiredUse',
    seeds: REQUIRED_USE_SEEDS,
    words: [...WORDS, 'ssl', '!ssl', '!'],
    run(text) {
      const parsed = parseRequiredUse(text, BASE, EVERY_RULE);
      checkTree(parsed, text);
      isAllowed(parsed.nodes, ['ssl', 'a']);
    },
  },
  {
    name: 'parseLicense',
    seeds: NAME_SEEDS,
    words: [...WORDS, 'GPL-2+', '+'],
    run: (text) => checkTree(parseLicense(text, BASE, EVERY_RULE), text),
  },
  {
    name: 'parseRestrict',
    seeds: NAME_SEEDS,
    words: [...WORDS, 'test', 'mirror'],
    run: (text) => checkTree(parseRestrict(text, BASE, EVERY_RULE), text),
  },
];

/** Ranges are inside the text and sentences are sentences. */
function checkProblems(errors: readonly Problem[], text: string): void {
  for (const { start, end, message } of errors) {
    if (!(start >= BASE && end >= start && end <= BASE + text.length))
      throw new Error(`an error is at ${start}–${end}: ${message}`);
    if (!message.endsWith('.')) throw new Error(`not a sentence: ${message}`);
  }
}

/** Nodes are in the order of the text, inside their parents, and leaves are where they say. */
function checkTree<Leaf extends Item>({ nodes, errors }: Specification<Leaf>, text: string): void {
  checkProblems(errors, text);
  const check = (list: typeof nodes, low: number, high: number): void => {
    let previous = low;
    for (const node of list) {
      if (node.start < previous || node.end < node.start || node.end > high)
        throw new Error(`a node is at ${node.start}–${node.end}, beyond ${previous}–${high}`);
      previous = node.end;
      if (hasChildren(node)) check(node.children, node.start, node.end);
      else if (text.slice(node.start - BASE, node.end - BASE) !== node.text)
        throw new Error(`not at ${node.start}: ${node.text}`);
    }
  };
  check(nodes, BASE, BASE + text.length);
}
