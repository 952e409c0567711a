import { join } from 'node:path';
import { declaredAtoms, type UseCondition } from '../ebuild/declared.ts';
import type { EbuildFacts } from '../ebuild/ebuild-facts.ts';
import { packageVariables } from '../ebuild/package-variables.ts';
import { staticMetadata } from '../ebuild/static-metadata.ts';
import { readText } from '../files/regular-file.ts';
import { collectAtoms, parseDependency } from '../pms/dependency.ts';
import { TRIAL_VARIABLES } from '../pms/dependency-variable.ts';
import { nameOf } from '../pms/package-name.ts';
import { evaluateUse } from '../pms/use.ts';
import { parseCachedMetadata } from '../repository/md5-cache.ts';
import type { SweptEbuild } from './swept-ebuild.ts';

/** Gives the packages that an ebuild depends on, as `category/name`, each once; empty if nothing is known. */
export type ReadNeeds = (ebuild: SweptEbuild) => readonly string[];

/**
 * Reads what ebuilds depend on, for the order of their trials: from the md5-cache of their repository, otherwise from their text. An entry of
 * the cache may be out of date, and a text has no dependencies of eclasses: a wrong order costs little. Flags are as IUSE has them,
 * because the package manager would take a second for each ebuild.
 *
 * @param readFacts reads a text without the bodies of functions; total
 */
export function createNeedsReader(readFacts: (text: string) => EbuildFacts): ReadNeeds {
  /** Most names occur thousands of times; each is kept once. */
  const names = new Map<string, string>();
  const keep = (found: Iterable<string>) => [
    ...new Set(
      Array.from(found, (name) => {
        const known = names.get(name);
        if (known !== undefined) return known;
        names.set(name, name);
        return name;
      }),
    ),
  ];
  return (ebuild) => keep(readCached(ebuild) ?? readWritten(ebuild, readFacts));
}

function readCached({ repository, file, package: name }: SweptEbuild): string[] | undefined {
  const entry = join('metadata/md5-cache', name.slice(0, name.indexOf('/')), nameOfFile(file));
  const text = readText(join(repository, entry), [repository], () => {});
  const values = text === undefined ? undefined : parseCachedMetadata(text)?.values;
  if (values === undefined) return undefined;
  const flags = defaultFlags(values.get('IUSE') ?? '');
  return TRIAL_VARIABLES.flatMap((variable) => {
    const value = values.get(variable);
    if (value === undefined) return [];
    const { nodes } = parseDependency(value);
    return collectAtoms(evaluateUse(nodes, flags)).flatMap(({ atom }) =>
      atom.blocker === '' ? [nameOf(atom)] : [],
    );
  });
}

function readWritten(ebuild: SweptEbuild, readFacts: (text: string) => EbuildFacts): string[] {
  const text = readText(ebuild.path, [ebuild.repository], () => {});
  if (text === undefined || text.includes('\0')) return [];
  const facts = readFacts(text);
  const predefined = packageVariables(ebuild.package.split('/')[0] ?? '', nameOfFile(ebuild.file));
  const flags = new Set(defaultFlags(staticMetadata(facts, predefined).values.IUSE.value ?? ''));
  const isActive = (conditions: readonly UseCondition[]) =>
    conditions.every(({ flag, negated }) => flags.has(flag) !== negated);
  return TRIAL_VARIABLES.flatMap((variable) =>
    declaredAtoms(facts, variable, predefined).flatMap(({ atom, conditions }) =>
      atom.blocker === '' && isActive(conditions) ? [nameOf(atom)] : [],
    ),
  );
}

const nameOfFile = (file: string) => file.slice(file.lastIndexOf('/') + 1, -'.ebuild'.length);

/** The flags that IUSE turns on (PMS 7.2). */
function defaultFlags(iuse: string): string[] {
  return (iuse.match(/\S+/g) ?? []).flatMap((word) => (word.startsWith('+') ? [word.slice(1)] : []));
}
