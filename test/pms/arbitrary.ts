import fc from 'fast-check';

/** Generators of the syntax of PMS, for the property tests of several rooms. */

const digits = fc.stringMatching(/^(?:0|[1-9]\d{0,3}|0\d{1,3}|\d{18,22})$/);

export const versionText: fc.Arbitrary<string> = fc
  .tuple(
    fc.array(digits, { minLength: 1, maxLength: 4 }),
    fc.constantFrom('', '', 'a', 'b', 'z'),
    fc.array(
      fc.tuple(
        fc.constantFrom('alpha', 'beta', 'pre', 'rc', 'p'),
        fc.constantFrom('', '0', '1', '01', '20240101'),
      ),
      {
        maxLength: 2,
      },
    ),
    fc.constantFrom('', '', '-r0', '-r1', '-r01', '-r10'),
  )
  .map(
    ([numbers, letter, suffixes, revision]) =>
      numbers.join('.') + letter + suffixes.map(([kind, number]) => `_${kind}${number}`).join('') + revision,
  );

export const qualifiedName: fc.Arbitrary<string> = fc
  .tuple(
    fc.constantFrom('dev-libs', 'sys-libs', 'virtual', 'app-arch', 'x11-libs', 'media-gfx', 'acct-user'),
    fc.constantFrom('zlib', 'libpng', 'gtk+', 'openssl', 'foo-bar', 'A_b', 'lib64', 'qt-d3', 'c++-gtk', 'x'),
  )
  .map((pair) => pair.join('/'));

export const useFlag: fc.Arbitrary<string> = fc.constantFrom(
  'ssl',
  'X',
  'abi_x86_32',
  'qt6',
  'a+b',
  'l10n_de-DE',
  'x@y',
);

const useDependency = fc
  .tuple(fc.constantFrom('', '-', '=', '!=', '?', '!?'), useFlag, fc.constantFrom('', '(+)', '(-)'))
  .map(([form, flag, missing]) => {
    if (form === '-') return `-${flag}${missing}`;
    const negated = form.startsWith('!') ? '!' : '';
    return `${negated}${flag}${missing}${form.slice(negated.length)}`;
  });

const flagOf = (use: string): string => use.replace(/^[!-]|\([+-]\)|[=?]$/g, '');

export const atomText: fc.Arbitrary<string> = fc
  .tuple(
    fc.constantFrom('', '', '', '!', '!!'),
    fc.constantFrom('', '', '>=', '=', '=*', '~', '<', '<=', '>'),
    qualifiedName,
    versionText,
    fc.constantFrom('', '', ':0', ':=', ':*', ':0=', ':1.2/3', ':1.2/3='),
    fc.constantFrom('', '', '', '::gentoo'),
    // Portage rejects an atom that has a flag twice with different defaults.
    fc.uniqueArray(useDependency, { maxLength: 3, selector: flagOf }),
  )
  .map(([blocker, operator, name, version, slot, repository, use]) => {
    const bare = operator === '~' ? version.replace(/-r\d+$/, '') : version;
    const versioned = operator === '' ? name : `${operator[0] === '=' ? '=' : operator}${name}-${bare}`;
    const glob = operator === '=*' ? '*' : '';
    return `${blocker}${versioned}${glob}${slot}${repository}${use.length === 0 ? '' : `[${use.join(',')}]`}`;
  });

/** A valid dependency string, with various white space between its words. */
export const dependencyText: fc.Arbitrary<string> = fc.letrec<{ list: string; item: string }>((tie) => ({
  item: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    { weight: 4, arbitrary: atomText },
    {
      weight: 1,
      arbitrary: fc.constantFrom('${RDEPEND}', '$(gen_dep "a/b c/d")', 'dev-qt/qtbase-${PV}', '`x y`'),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(fc.constantFrom('', '|| '), tie('list'))
        .map(([operator, list]) => `${operator}( ${list} )`),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(fc.constantFrom('', '!'), useFlag, tie('list'))
        .map(([not, flag, list]) => `${not}${flag}? ( ${list} )`),
    },
  ),
  list: fc
    .array(fc.tuple(tie('item'), fc.constantFrom(' ', '\n\t', '\n\n  ', '\t')), { maxLength: 4 })
    .map((items) => items.map(([item, blank]) => item + blank).join('')),
})).list;

/** A random mixture of dependency syntax and bash, as in an editor while someone types. */
export const brokenText: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '(',
        ')',
        '||',
        '^^',
        '??',
        '?',
        '!',
        '[',
        ']',
        '"',
        "'",
        '`',
        '$',
        '${',
        '$(',
        '}',
        '#',
        '\\',
        '\\\n',
        ':',
        '::',
      ),
      fc.constantFrom(
        ' ',
        '\n',
        '\t',
        '\r\n',
        '=',
        '>=',
        '*',
        '/',
        '-',
        'é',
        '😀',
        '\ud800',
        '\0',
        'DEPEND="',
        'RDEPEND+=',
        '\nBDEPEND=',
      ),
      fc.constantFrom(
        'EAPI=8\n',
        'inherit ',
        'src_install() {\n',
        '}\n',
        'if true; then\n',
        'fi\n',
        '<<EOF\n',
        'EOF\n',
        '(( ',
        ' ))',
        '[[ ',
      ),
      atomText,
      useFlag,
      fc.string({ maxLength: 6 }),
    ),
    { maxLength: 40 },
  )
  .map((pieces) => pieces.join(''));
