/** Texts of about a length that are made to take long: deep, unfinished, repeated. */
type MakeText = (length: number) => string;

const repeat =
  (part: string): MakeText =>
  (length) =>
    part.repeat(Math.max(1, Math.floor(length / part.length)));

/** Parts that are numbered from 0. */
const number =
  (part: (index: number) => string): MakeText =>
  (length) => {
    let text = '';
    for (let index = 0; text.length < length; index++) text += part(index);
    return text;
  };

export const LONG_TEXTS: Readonly<Record<string, MakeText>> = {
  'x lines': repeat('# x\n'),
  'dep a? (': (n: number) => `DEPEND="${repeat('a? ( ')(n)}"`,
  'dep a? ( closed': (n: number) => `DEPEND="${repeat('a? ( ')(n / 2)}${repeat(' )')(n / 5)}"`,
  'dep atoms': (n: number) => `DEPEND="${repeat('dev-libs/foo ')(n)}"`,
  'dep diff atoms': (n: number) => {
    let s = 'DEPEND="';
    for (let i = 0; s.length < n; i++) s += `dev-libs/f${i}\n`;
    return `${s}"`;
  },
  'dep bad': (n: number) => `DEPEND="${repeat('!!x ( ')(n)}"`,
  'bare a? (': repeat('a? ( '),
  '${': (n: number) => `X="${repeat('${a:-')(n)}"`,
  '$(': (n: number) => `X=${repeat('$(')(n)}`,
  'X=${X}': (n: number) => repeat('X="${X} a"\n')(n),
  'dep helper': (n: number) => `${repeat('A="${A} dev-libs/a"\n')(n)}\nDEPEND="\${A}"\n`,
  'unterminated quote': (n: number) => `A="${repeat('x y\n')(n)}`,
  quotes: repeat('"'),
  apos: repeat("'"),
  backticks: repeat('`'),
  heredoc: (n: number) => `cat <<EOF\n${repeat('x $(a)\n')(n)}`,
  heredocs: repeat('cat <<EOF\n'),
  newlines: repeat('\n'),
  'one line': (n: number) => 'a'.repeat(n),
  words: repeat('aa '),
  functions: repeat('f() { :; }\n'),
  'functions diff': number((i) => `f${i}() { a; }\n`),
  inherit: repeat('inherit a b c\n'),
  'inherit one': (n: number) => `inherit ${repeat('a ')(n)}`,
  assign: number((i) => `V${i}="dev-libs/a"\n`),
  chain: (n: number) => {
    let s = 'V0=dev-libs/a\n';
    for (let i = 1; s.length < n - 200; i++) s += `V${i}="\${V${i - 1}} dev-libs/a"\n`;
    return `${s}DEPEND="\${V${s.split('\n').length - 2}}"\n`;
  },
  doubling: (n: number) => {
    let s = 'V0=dev-libs/a\n';
    for (let i = 1; i < 60; i++) s += `V${i}="\${V${i - 1}} \${V${i - 1}}"\n`;
    return `${s}DEPEND="\${V59}"\n${repeat('# x\n')(n)}`;
  },
  if: repeat('if a; then\n'),
  case: repeat('case a in a)\n'),
  semi: repeat(';'),
  pipes: repeat('a|'),
  '&&': repeat('a && '),
  brackets: repeat('[[ '),
  backslash: repeat('\\\n'),
  array: (n: number) => `A=( ${repeat('dev-libs/a ')(n)})`,
  'arr dep': (n: number) => `A=( ${repeat('dev-libs/a ')(n)})\nDEPEND="\${A[@]}"\n`,
  'DEPEND+=': repeat('DEPEND+=" dev-libs/a"\n'),
  'DEPEND+= diff': number((i) => `DEPEND+=" dev-libs/a${i}"\n`),
  gen: (n: number) => `DEPEND="${repeat('$(python_gen_cond_dep "dev-libs/a[${PYTHON_USEDEP}]")\n')(n)}"`,
  IUSE: (n: number) => `IUSE="${repeat('a ')(n)}"`,
  ignore: repeat('# ebuild-audit: ignore missing-depend: x\n'),
  src_uri: (n: number) => `SRC_URI="${repeat('https://a/b -> c\n')(n)}"`,
  crlf: repeat('A=1\r\n'),
  unicode: repeat('é\u202e'),
  tabs: repeat('\t'),
  req: (n: number) => `REQUIRED_USE="${repeat('^^ ( a b ) ')(n)}"`,
  'use deps': (n: number) => `DEPEND="dev-libs/a[${repeat('b,')(n)}]"`,
  ver: (n: number) => `DEPEND=">=dev-libs/a-${repeat('1.')(n)}1"`,
  dollar: repeat('$'),
  '${}': (n: number) => `DEPEND="${repeat('${A}')(n)}"`,
  subst: (n: number) => `A=a\nDEPEND="${repeat('${A//a/b}')(n)}"`,
  braces: repeat('{'),
  parens: repeat('('),
  'err words': repeat('a ) '),
  'f(': repeat('f() {\n'),
  errline: repeat('if if fi\n'),
};
