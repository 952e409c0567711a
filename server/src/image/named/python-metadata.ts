import { evaluateMarker, type PythonEnvironment } from './environment-marker.ts';
import { MOST_REQUIREMENTS, type Requirement } from './requirement.ts';

/** An installed file that says what a distribution of Python requires. A file `NAME.egg-info` is what distutils writes. */
const METADATA =
  /\/((?:python|pypy)\d[\d.]*)\/(?:site|dist)-packages\/([^/]+)\.(?:dist-info\/METADATA|egg-info(?:\/(?:PKG-INFO|requires\.txt))?)$/;

/** The distribution that a path is the metadata of, in its normal form; undefined if it is none, or one that another package bundles. */
export function distributionOf(path: string): string | undefined {
  const name = METADATA.exec(path)?.[2];
  return name === undefined ? undefined : normaliseDistribution(splitDistribution(name).name);
}

/** Splits `Jinja2-3.1.2` and `Jinja2-3.1.2-py3.11`, the names of metadata without their ending. */
export function splitDistribution(name: string): { readonly name: string; readonly version?: string } {
  const [, before = name, version] = /^(.+?)-(\d[^-]*)(?:-py[\d.]+)?$/.exec(name) ?? [];
  return { name: before, ...(version !== undefined && { version }) };
}

/** The normal form of a name (PEP 503): `Flask_SQLAlchemy` and `flask-sqlalchemy` are the same. */
export function normaliseDistribution(name: string): string {
  return name.toLowerCase().replace(/[-_.]+/g, '-');
}

/**
 * Reads what a distribution of Python requires (`Requires-Dist` of core metadata with the requirements of PEP 508, `requires.txt` of
 * setuptools). Extras never count, nor does a requirement with an environment marker that is not surely true. Total, in linear time.
 *
 * @param user the path of the file, which says the version of Python
 */
export function readRequirements(text: string, user: string): Requirement[] {
  const lines = text.slice(0, LONGEST_TEXT).split(/\r?\n/);
  const stated = user.endsWith('/requires.txt') ? listOfSections(lines) : listOfHeader(lines);
  const environment = environmentOf(user);
  return stated.slice(0, MOST_REQUIREMENTS).flatMap((line) => readRequirement(line, environment) ?? []);
}

/** Limits in characters of a text and of a requirement. */
const LONGEST_TEXT = 2 ** 20;
const LONGEST_LINE = 2000;

/** The fields stand above the first empty line; what follows is the description. */
function listOfHeader(lines: readonly string[]): string[] {
  const end = lines.indexOf('');
  const header = end < 0 ? lines : lines.slice(0, end);
  const stated: string[] = [];
  let isRequirement = false;
  for (const line of header) {
    const value = /^Requires-Dist:(.*)$/i.exec(line)?.[1];
    if (value !== undefined) stated.push(value.trim());
    // A line that begins with white space goes on with the one above.
    else if (isRequirement && /^\s/.test(line)) stated.push(`${stated.pop()} ${line.trim()}`);
    isRequirement = value !== undefined || (isRequirement && /^\s/.test(line));
  }
  return stated;
}

/** `[extra]` and `[extra:marker]` begin the requirements of an extra, and `[:marker]` those under a marker. */
function listOfSections(lines: readonly string[]): string[] {
  const stated: string[] = [];
  let marker: string | undefined = '';
  for (const line of lines.map((text) => text.trim())) {
    const section = /^\[(.*)\]$/.exec(line)?.[1];
    if (section !== undefined) marker = /^:(.*)$/.exec(section)?.[1];
    else if (line !== '' && marker !== undefined) stated.push(marker === '' ? line : `${line};${marker}`);
  }
  return stated;
}

function environmentOf(user: string): PythonEnvironment {
  const [, name, version] = /^(python|pypy)(\d+\.\d+)$/.exec(METADATA.exec(user)?.[1] ?? '') ?? [];
  return { version, implementation: name === 'pypy' ? 'PyPy' : 'CPython' };
}

const NAME = /^([A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?)\s*(?:\[[^\]]*\])?\s*(.*)$/;
const CLAUSE = /^(===|~=|[=!<>]=|[<>])\s*([\w.*+!-]+)$/;

function readRequirement(line: string, environment: PythonEnvironment): Requirement | undefined {
  if (line.length > LONGEST_LINE) return undefined;
  const [, name, rest = ''] = NAME.exec(line) ?? [];
  if (name === undefined) return undefined;
  const isAddress = rest.startsWith('@');
  // An address may have a semicolon; a space stands before that of the marker.
  const end = isAddress ? rest.search(/\s;/) : rest.indexOf(';');
  const marker = end < 0 ? '' : rest.slice(rest.indexOf(';', end) + 1).trim();
  const clauses = isAddress ? [] : readClauses(end < 0 ? rest : rest.slice(0, end));
  if (clauses === undefined) return undefined;
  const holds = (where: PythonEnvironment) => marker === '' || evaluateMarker(marker, where) === true;
  if (!holds(environment)) return undefined;
  const isForAll = (['CPython', 'PyPy'] as const).every((implementation) =>
    holds({ version: environment.version === undefined ? undefined : LATEST, implementation }),
  );
  const atLeast = findLowest(clauses);
  const versions = clauses.map(({ operator, version }) => `${operator}${version}`).join(',');
  return {
    name: normaliseDistribution(name),
    stated: `${name}${versions === '' ? '' : ` (${versions})`}${isForAll ? '' : ` if ${marker}`}`,
    ...(atLeast !== undefined && { atLeast }),
    ...(!isForAll && { isForVersion: true }),
  };
}

/** Stands for every later Python: what is required from 3.8 on is required by all that are left. */
const LATEST = '3.99';

interface Clause {
  readonly operator: string;
  readonly version: string;
}

/** Reads `>=2.0,!=2.1` and `(>=2.0)`; undefined if it cannot be read. */
function readClauses(text: string): Clause[] | undefined {
  const bare = text.trim().replace(/^\((.*)\)$/, '$1');
  const clauses: Clause[] = [];
  for (const part of bare.split(',')) {
    if (part.trim() === '') continue;
    const [, operator, version] = CLAUSE.exec(part.trim()) ?? [];
    if (operator === undefined || version === undefined) return undefined;
    clauses.push({ operator, version });
  }
  return clauses;
}

/** Of `~=2.1`, which is `>=2.1,==2.*`, only the lower bound counts. Versions before a release have other words in Gentoo. */
function findLowest(clauses: readonly Clause[]): string | undefined {
  return clauses.find(
    ({ operator, version }) => (operator === '>=' || operator === '~=') && /^\d+(?:\.\d+)*$/.test(version),
  )?.version;
}
