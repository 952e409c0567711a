import { readLines } from '../host/output-text.ts';

/** Lines in which a package manager says why it cannot source an ebuild. */
const REASONS: readonly RegExp[] = [
  // An error of Bash.
  /^\S+\.(?:ebuild|eclass): line \d+: .+$/m,
  // The message of `die` (PMS 12.3.3), as Portage shows it.
  /^ERROR: .* failed \(depend phase\):\n(.+)$/m,
  /^(?:[\w.]+\.)?ProcessorError: (.+)$/m,
  /^(?:[\w.]+\.)?EbdError: (.+)$/m,
  /^(?:(?!metadata phase for package ).)*(metadata phase for package .* failed .*)$/m,
];

/** An error of Bash in an eclass: its place, and then often a quote of the eclass. */
const IN_ECLASS = /^(\S+\.eclass: line \d+: )(.+)$/;
const PLAIN_ERRORS = new Set([
  'command not found',
  'unbound variable',
  'No such file or directory',
  'Permission denied',
]);

/** Leaves out what Bash quotes of an eclass: only the text of the ebuild itself is shown. */
function withoutEclassText(reason: string): string {
  const [, place, words = ''] = IN_ECLASS.exec(reason) ?? [];
  if (place === undefined) return reason;
  const last = words.split(': ').at(-1) ?? '';
  return (
    place +
    (PLAIN_ERRORS.has(last)
      ? last
      : /^(?:syntax error|unexpected EOF)/.test(words)
        ? 'syntax error'
        : 'error')
  );
}

/** An exception of Python. The last one counts. */
const EXCEPTION = /^(?:\w+\.)+\w+: (.+)$/;

/**
 * A file of the administrator that Portage may not read. Only names that Portage looks for: an ebuild that runs before the error can print
 * anything, and the user is told to open the file to everybody.
 */
const UNREADABLE =
  /^(?:[ \t]*(?:\w+\.)*PermissionDenied: )(?!.*\/\.\.)(\/etc\/portage\/(?:make\.conf|package\.|profile\/|repos\.conf|env\/|bashrc|sets)[\w.+/-]*)$/m;

/** Finds the file of /etc/portage that the package manager could not read; undefined if that is not why it failed. */
export function findUnreadable(output: string): string | undefined {
  return UNREADABLE.exec(output.slice(-MOST_CHARACTERS))?.[1];
}

/** Limits in lines and in characters. The reason is at the end, and before it an ebuild may print anything. */
const MOST_LINES = 1000;
const MOST_CHARACTERS = 2 ** 20;

/** The EAPIs of PMS. Any other one is reason enough for a refusal. */
const KNOWN_EAPI = /^[0-9]$/;
const EAPI_LINE = /^[ \t]*EAPI=(['"]?)([A-Za-z0-9+_.-]*)\1[ \t]*(?:[ \t]#.*)?$/m;

/**
 * Finds the reason why a package manager could not evaluate an ebuild.
 *
 * @param text the ebuild
 * @param output the output of the package manager, which may contain anything
 * @returns one line without control characters
 */
export function findRefusal(text: string, output: string): string {
  // PMS 7.3.1: this expression finds the EAPI before the ebuild is sourced.
  const eapi = EAPI_LINE.exec(text)?.[2];
  if (eapi !== undefined && !KNOWN_EAPI.test(eapi)) return `EAPI "${eapi}" is not known`;
  const lines = readLines(output.slice(-MOST_CHARACTERS))
    .slice(-MOST_LINES)
    .map((line) => line.replace(/^[\s*!>]+/, ''))
    .filter((line) => line !== '');
  const plain = lines.join('\n');
  for (const pattern of REASONS) {
    const found = pattern.exec(plain);
    if (found !== null) return withoutEclassText(found[1] ?? found[0]).replaceAll('\t', ' ');
  }
  const exception = lines.findLast((line) => EXCEPTION.test(line));
  const reason = EXCEPTION.exec(exception ?? '')?.[1] ?? lines.at(-1) ?? 'no reason given';
  return reason.replaceAll('\t', ' ');
}
