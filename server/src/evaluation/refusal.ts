import { readLines } from '../host/output-text.ts';

/** What a package manager says of an ebuild that it cannot source, in one line. */
const REASONS: readonly RegExp[] = [
  // Bash's own words.
  /^\S+\.(?:ebuild|eclass): line \d+: .+$/m,
  // What `die` was told (PMS 12.3.3), as Portage shows it.
  /ERROR: .* failed \(depend phase\):\n(.+)$/m,
  /^(?:[\w.]+\.)?ProcessorError: (.+)$/m,
  /^(?:[\w.]+\.)?EbdError: (.+)$/m,
  /(metadata phase for package .* failed .*)$/m,
];

/** An exception of Python's; the last one counts. */
const EXCEPTION = /^(?:\w+\.)+\w+: (.+)$/;

/** The reason is at the end; before it an ebuild may print what it likes. */
const MOST_LINES = 1000;

/** EAPIs of PMS; that a package manager refuses another one needs no further reason. */
const KNOWN_EAPI = /^[0-9]$/;
const EAPI_LINE = /^[ \t]*EAPI=(['"]?)([A-Za-z0-9+_.-]*)\1[ \t]*(?:[ \t]#.*)?$/m;

/**
 * Why a package manager could not evaluate an ebuild.
 *
 * @param text the ebuild
 * @param output what the package manager wrote; may hold anything
 * @returns one line without control characters
 */
export function findRefusal(text: string, output: string): string {
  // PMS 7.3.1: the EAPI is what this expression finds, before anything is sourced.
  const eapi = EAPI_LINE.exec(text)?.[2];
  if (eapi !== undefined && !KNOWN_EAPI.test(eapi)) return `EAPI "${eapi}" is not known`;
  const lines = readLines(output)
    .slice(-MOST_LINES)
    .map((line) => line.replace(/^[\s*!>]+/, ''))
    .filter((line) => line !== '');
  const plain = lines.join('\n');
  for (const pattern of REASONS) {
    const found = pattern.exec(plain);
    if (found !== null) return (found[1] ?? found[0]).replaceAll('\t', ' ');
  }
  const exception = lines.findLast((line) => EXCEPTION.test(line));
  const reason = EXCEPTION.exec(exception ?? '')?.[1] ?? lines.at(-1) ?? 'no reason given';
  return reason.replaceAll('\t', ' ');
}
