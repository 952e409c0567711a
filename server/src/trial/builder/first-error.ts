import { readLines } from '../../host/output-text.ts';

const SYNTAX_ERROR = /^\S*configure: line \d+: syntax error/;

/** Lines that name the reason, as the tools print them that ebuilds call. */
const REASONS: readonly RegExp[] = [
  // GCC, Clang, the linkers; but not the last line of a driver (`collect2: error: ld returned 1 exit status`), which names no reason.
  /^[^\s:][^:]*:\d+(?::\d+)?: (?:fatal )?error: /,
  /^(?:cc1\w*|gcc|g\+\+|cc|c\+\+|clang(?:\+\+)?|gfortran)(?:-[\w.-]+)?: (?:fatal )?error: (?!linker command failed)/,
  /: undefined reference to |\bcannot find -l|\blld: error: |\bcannot open shared object file\b/,
  // autoconf, CMake, qmake, Meson
  /^(?:configure|config\.status|autoreconf|automake|aclocal|autom4te|autopoint|libtoolize)(?:-[\d.]+)?: error: /,
  /^\S*configure(?:\.ac|\.in)?:\d+: error: /,
  SYNTAX_ERROR,
  /^CMake Error(?: at |: | in )/,
  /^Project ERROR: /,
  /^(?:\S*meson\S*:\d+:\d+: )?ERROR: (?!Exception:)(?!test)/,
  // make, ninja
  /^\S+: \*\*\* (?!\[)\S/,
  /^ninja: error: /,
  // Python
  /^(?:E\s+)?(?:\w+\.)*\w*(?<!CalledProcess)(?:Error|Exception|NotFound|BackendUnavailable): (?!Traceback )/,
  // The group in a look-ahead is matched once: `InvalidInvalid…` would otherwise be tried at each of its parts.
  /^(?:E\s+)?(?=((?:\w+\.)*\w*?Invalid\w+))\1: (?!Traceback )/,
  /^ERROR Missing dependencies:$/,
  // Perl, in which autoreconf and its tools are written
  /^Can't exec "[^"]+": No such file or directory/,
  /^Can't locate \S+\.p[ml] in @INC|^Base class package ".*" is empty|^Undefined subroutine /,
  // Go: errors have a place but not the word "error"
  /^(?:\S*\/)?[\w.@+-]+\.go:\d+(?::\d+)?: (?!.*\bwarning\b)/,
  /^go: (?!creating |to add |downloading |finding |extracting |found |added |upgraded |warning)/,
  // Rust
  /^error(?:\[E\d+\])?: (?!could not compile|aborting due to|linking with|failed to run custom build command|process didn't exit|build failed|command )/,
  /^thread '[^']*' .*panicked at /,
  // pkg-config, patch, tar
  /^Package .* was not found in the pkg-config search path|^No package '.*' found/,
  /^\d+ out of \d+ hunks? (?:FAILED|failed)|^patch: \*{4} |^error: patch failed: /,
  /^(?:tar|unzip|xz|gzip|bzip2|zstd): (?!Exiting|Error is not recoverable|Child returned).*(?:[Cc]annot|[Nn]ot |[Ee]rror|[Uu]nexpected)/,
];

/** Lines that often name the reason and are sometimes harmless. */
const HINTS: readonly RegExp[] = [
  /: command not found$|: not found$|: executable file not found in \$PATH|: No such file or directory$|: Permission denied$/,
  /^(?:FAIL|XPASS|ERROR): \S|^not ok\b|^The following tests FAILED:$|^FAILED \S+::/,
  // Perl's warnings have the same form as its errors.
  /^(?!Use of |Subroutine |Argument |.*deprecated).* at \S+ line \d+[.,]/,
  /\b[Ee]rror: (?!ld returned|command '|linker command failed)/,
];

/** Lines that only report that something failed. */
const REPORTS: readonly RegExp[] = [
  /^(?:error|ninja|collect2|\w+: error)\b.*/,
  /^\S*make(?:\[\d+\])?: \*\*\* /,
];

/** Answers of a configure script, warnings and notes, which are not errors. */
const HARMLESS =
  /^(?:checking |-- |>>> )|(?:^|[\s:])warning:|^(?:\S+: )?note:|^\* QA Notice|all warnings being treated as errors/i;

/** The first line of Portage's report of a `die` (PMS 12.3.3); the message follows on the next lines. */
const DIED = /^\* ERROR: .* failed( \(.*phase\))?:$/;
/** Messages with which helpers and eclasses die after a program that failed; the program's own output says more. */
const SAYS_NOTHING =
  /^(?:\(no error message\)|\S+ failed\.?|(?=(.*?\bfailed \())\1.*(?:no error|phase).*|died running .*)$/i;

/** Limit in characters, because Perl lists all of @INC in one line. */
const LONGEST = 300;

/**
 * Finds in the output the reason why a build failed: the first line of the surest kind, and the next line too if it ends in a colon.
 *
 * @param output the output of the phase that failed
 * @returns one line without control characters
 */
export function findFirstError(output: string): string {
  const lines = joinParagraphs(readLines(output)).filter((line) => line !== '' && !HARMLESS.test(line));
  const died = findDeath(lines);
  const found =
    findLine(lines, REASONS) ??
    (died === undefined || SAYS_NOTHING.test(died) ? undefined : died) ??
    findLine(lines, HINTS) ??
    findLine(lines, REPORTS) ??
    died ??
    lines.at(-1) ??
    'the build ended without output';
  return found.length > LONGEST ? `${found.slice(0, LONGEST)}…` : found;
}

/** CMake's line about a package that pkg-config lacks, before an error that does not name it. */
const PKG_CONFIG_LACKS = /^-- +(No package '.*' found|Package '.*not found.*)$/;
/** Limit in characters. */
const LONGEST_PARAGRAPH = 2000;
const UNNAMED = 'A required package was not found';

/** Joins the lines of CMake's sentences, which end at an empty line. */
function joinParagraphs(lines: readonly string[]): string[] {
  const joined: string[] = [];
  let isOpen = false;
  for (const [at, line] of lines.entries()) {
    if (line === '' || line.startsWith('Call Stack')) isOpen = false;
    const lacking = line === UNNAMED ? PKG_CONFIG_LACKS.exec(lines[at - 2] ?? '')?.[1] : undefined;
    if (isOpen) joined.push(`${joined.pop()} ${lacking ?? line}`.slice(0, LONGEST_PARAGRAPH));
    else joined.push(line);
    if (/^CMake Error.*:$/.test(line)) isOpen = true;
  }
  return joined;
}

/** Finds the first line of one of some kinds. */
function findLine(lines: readonly string[], kinds: readonly RegExp[]): string | undefined {
  const at = lines.findIndex((line) => kinds.some((kind) => kind.test(line)));
  const line = lines[at];
  if (line === undefined) return undefined;
  const next = lines[at + 1];
  // The shell names the macro that was not expanded in the line after its error.
  const goesOn = line.endsWith(':') || SYNTAX_ERROR.test(line);
  return goesOn && next !== undefined ? `${line} ${next}` : line;
}

/** Finds the message with which an ebuild died. */
function findDeath(lines: readonly string[]): string | undefined {
  const at = lines.findIndex((line) => DIED.test(line));
  return at < 0 ? undefined : (lines[at + 1] ?? lines[at])?.replace(/^\* */, '');
}
