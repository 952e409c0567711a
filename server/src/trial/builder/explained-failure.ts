import { type Denial, QT_MODULE } from '../../trace/denial.ts';

/** Words with which programs say that they lack something. */
const LACKS =
  /\bnot (?:be )?(?:found|installed|available|provided|met|exist)\b|\bno such file\b|\bno (?:module|package|rule)\b|\bunknown module|\b(?:cannot|can't|can not|could not|couldn't|unable to|failed to) (?:find|locate|open|load|import|execute|run|exec)\b|\bcannot open shared object\b|\bmissing\b|\brequire[ds]?\b|\bundefined (?:reference|macro)\b|\bpossibly undefined\b|\bdoes not exist\b|\bsyntax error\b/i;

/** The part of a file name after the name by which programs know the file: `libz.so.1`, `zlib.pc`, `ZLIBConfig.cmake`. */
const ENDING = /(?:-config|Config|-uninstalled)?(?:\.[A-Za-z0-9_.]+)?$/;

/** Capitals and separators of a name differ from one place to another. */
const plain = (text: string): string => ` ${text.toLowerCase().replace(/[^a-z0-9]+/g, ' ')} `;

/**
 * Whether the first error of a failed build says that it lacks a file of the denied package. Such an error is no chance: nothing else hides
 * the file.
 *
 * @param words the first error, one line (`findFirstError`)
 */
export function explainsFailure(denial: Denial, words: string): boolean {
  if (!LACKS.test(words)) return false;
  // Meson: `Dependency "x" not found, tried pkgconfig and cmake`. The ways are not what is lacking.
  const said = plain(words.replace(/,? \(?tried .*$/, ''));
  const names = [denial.package.name, ...denial.evidence.flatMap(({ path }) => namesOfFile(path))];
  return (
    names.some((name) => name.length >= 2 && said.includes(plain(name))) ||
    librariesOf(denial).some((name) => words.split(/[\s,;:]+/).includes(`-l${name}`)) ||
    prefixesOf(denial).some((prefix) => new RegExp(`(?<![A-Za-z0-9_])${prefix}_[A-Z]`).test(words))
  );
}

/** The name of a file with and without its ending, and without the version of a program such as `aclocal-1.16`. */
function namesOfFile(path: string): readonly string[] {
  const name = path.slice(path.lastIndexOf('/') + 1).replace(QT_MODULE, '');
  return [name, name.replace(ENDING, ''), name.replace(/-?\d[\d.]*$/, '')];
}

/** The prefixes of the macros in the denied files: `pkg.m4` has `PKG_CHECK_MODULES`, and `ax_pthread.m4` stands for all of `AX_`. */
function prefixesOf({ evidence }: Denial): readonly string[] {
  return evidence.flatMap(
    ({ path }) => /\/([A-Za-z]{2,})(?:[_.-][^/]*)?\.m4$/.exec(path)?.[1]?.toUpperCase() ?? [],
  );
}

/** The names by which a linker's `-l` knows the denied libraries. */
function librariesOf({ evidence }: Denial): readonly string[] {
  return evidence.flatMap(({ path }) => {
    const name = path.slice(path.lastIndexOf('/') + 1);
    return name.startsWith('lib') ? [name.slice(3).replace(/\.(?:so|a|la)\b.*$/, '')] : [];
  });
}
