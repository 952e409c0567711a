import { packageVariables } from '../../ebuild/package-variables.ts';
import type { EbuildIdentity } from '../subject.ts';
import { IGNORE_FILE, type IgnoreRule, readIgnoreRule } from './ignore-rule.ts';

/** The rules of a repository's ignore file. */
export interface IgnoreFile {
  readonly rules: readonly IgnoreRule[];
  /** One sentence for each line that is not a rule. None quotes the file, which may not be what it seems. */
  readonly problems: readonly string[];
}

const PACKAGES = /^[\w+.*-]+\/[\w+.*-]+$/;

/**
 * Reads an ignore file. Each line is a rule, `CATEGORY/PACKAGE[-VERSION] CODE [ATOM] – reason`, with `*` for any
 * characters of category, package and version. Empty lines and lines that begin with `#` are skipped. Total.
 */
export function parseIgnoreFile(text: string): IgnoreFile {
  const rules: IgnoreRule[] = [];
  const problems: string[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    const [packages = ''] = /\S+/.exec(line) ?? [];
    if (packages === '' || packages.startsWith('#')) continue;
    const at = `${IGNORE_FILE}:${index + 1}`;
    const read = readIgnoreRule(line.slice(line.indexOf(packages) + packages.length));
    if (!PACKAGES.test(packages))
      problems.push(
        `${at}: The line does not begin with a package: write category/name, category/name-version or a pattern such as dev-libs/*.`,
      );
    else if ('problem' in read) problems.push(`${at}: ${read.fault}`);
    else rules.push({ ...read, place: { kind: 'repository', line: index + 1, packages } });
  }
  return { rules, problems };
}

/** The rules of a repository that apply to an ebuild. */
export function rulesFor(rules: readonly IgnoreRule[], identity: EbuildIdentity): readonly IgnoreRule[] {
  if (rules.length === 0) return rules;
  const { category, packageAndVersion } = identity;
  const { PN } = packageVariables(category, packageAndVersion);
  return rules.filter(
    ({ place }) =>
      place.kind === 'repository' &&
      [PN, packageAndVersion].some((name) => matchesPattern(`${category}/${name}`, place.packages)),
  );
}

/** Whether the rule applies to this ebuild alone, so that it is stale if it silences nothing here. */
export function namesExactly(
  { place }: IgnoreRule,
  { category, packageAndVersion }: EbuildIdentity,
): boolean {
  return place.kind === 'ebuild' || place.packages === `${category}/${packageAndVersion}`;
}

/**
 * Matches a name with a pattern in which `*` stands for any characters. Both have one slash, so `*` never matches it.
 * Takes time in proportion to both lengths for every pattern.
 */
function matchesPattern(name: string, pattern: string): boolean {
  const [first = '', ...others] = pattern.split('*');
  const last = others.pop();
  if (last === undefined) return name === pattern;
  if (!name.startsWith(first) || !name.endsWith(last) || name.length < first.length + last.length)
    return false;
  let at = first.length;
  const end = name.length - last.length;
  for (const piece of others) {
    const found = name.indexOf(piece, at);
    if (found < 0 || found + piece.length > end) return false;
    at = found + piece.length;
  }
  return true;
}
