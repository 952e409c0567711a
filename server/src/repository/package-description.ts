import { join } from 'node:path';
import { packageVariables } from '../ebuild/package-variables.ts';
import { type ReportProblem, readText } from '../files/regular-file.ts';
import { parseCachedMetadata } from './md5-cache.ts';

/** What a package says about itself. */
export interface PackageDescription {
  /** DESCRIPTION; empty if only bash knows it. */
  readonly summary: string;
  /** The URIs of HOMEPAGE that are known without running bash. */
  readonly homepages: readonly string[];
}

/** Reads what an ebuild says about its package: from the metadata cache, else from its text. Total. */
export function describePackage(
  repository: string,
  { category, name, version }: { readonly category: string; readonly name: string; readonly version: string },
  report: ReportProblem,
): PackageDescription {
  const file = `${name}-${version}`;
  const read = (path: string) => readText(join(repository, path), [repository], report);
  const cached = parseCachedMetadata(read(`metadata/md5-cache/${category}/${file}`) ?? '')?.values;
  const text = read(`${category}/${name}/${file}.ebuild`) ?? '';
  const known = packageVariables(category, file);
  const value = (variable: string): string =>
    cached?.get(variable) ?? fill(valueIn(text, variable) ?? '', known) ?? '';
  return {
    summary: value('DESCRIPTION').replace(/\s+/g, ' ').trim(),
    homepages: (value('HOMEPAGE').match(/\S+/g) ?? []).filter((uri) => /^https?:\/\/[^\s<>"`]+$/.test(uri)),
  };
}

/** The quoted value that a line of an ebuild gives a variable. */
function valueIn(text: string, variable: string): string | undefined {
  return new RegExp(`^${variable}=(?:"([^"]*)"|'([^']*)')`, 'm')
    .exec(text)
    ?.slice(1)
    .find((value) => value !== undefined);
}

/** Puts the variables of the package's name in; undefined if others are left. */
function fill(value: string, known: Readonly<Record<string, string>>): string | undefined {
  const filled = value.replace(
    /\$\{(\w+)\}|\$(\w+)/g,
    (whole, braced, bare) => known[braced ?? bare] ?? whole,
  );
  return /[$`\\]/.test(filled) ? undefined : filled;
}
