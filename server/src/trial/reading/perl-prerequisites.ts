import { MOST_REQUIREMENTS, type Requirement } from '../../image/named/requirement.ts';

/**
 * Reads what a distribution of Perl requires when it runs: `prereqs.runtime.requires` of MYMETA.json (CPAN::Meta::Spec), which MakeMaker and
 * Module::Build write into the build folder. Total, in linear time.
 *
 * @param script the text of Makefile.PL or Build.PL, which may require a module only if it does not find something else
 */
export function readPerlPrerequisites(text: string, script = ''): Requirement[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return [];
  }
  for (const key of ['prereqs', 'runtime', 'requires']) value = memberOf(value, key);
  if (!isObject(value)) return [];
  const conditional = listConditional(script);
  return Object.entries(value)
    .slice(0, MOST_REQUIREMENTS)
    .flatMap(([name, range]) => toRequirement(name, range) ?? [])
    .map((requirement) =>
      conditional.has(requirement.name) ? { ...requirement, isConditional: true } : requirement,
    );
}

/** A module as the key of a hash, or of `requires` of Module::Install. */
const KEY = /(?:^|[^\w:$>])['"]?([A-Z]\w*(?:::\w+)*)['"]?\s*\}?\s*=(?!~|=)/g;
/** What shows that a line does not always hold: `if`, `? :`, or an assignment to a part of a hash. */
const CONDITION = /\?|\b(?:if|unless|or|and)\b|\|\||&&|\$\w[^=]{0,200}[}\]]\s*(?:\|\|)?=(?!>)/;

/** The modules that a script requires in lines with a condition only. */
function listConditional(script: string): ReadonlySet<string> {
  const always = new Set<string>();
  const sometimes = new Set<string>();
  for (const line of script.split('\n').filter(({ length }) => length < LONGEST_LINE)) {
    if (/^__(?:END|DATA)__\b/.test(line)) break;
    const places = CONDITION.test(line) ? sometimes : always;
    if (!/^\s*#/.test(line)) for (const [, name = ''] of line.matchAll(KEY)) places.add(name);
  }
  for (const name of always) sometimes.delete(name);
  return sometimes;
}

const LONGEST_LINE = 2000;

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

function memberOf(value: unknown, key: string): unknown {
  return isObject(value) && Object.hasOwn(value, key) ? value[key as keyof typeof value] : undefined;
}

/** Reads `1.46`, and `>= 1.46, != 1.5`. A pragma in small letters is Perl's, as is `perl` itself. */
function toRequirement(name: string, range: unknown): Requirement | undefined {
  if (!/^[A-Z]\w*(?:::\w+)*$/.test(name)) return undefined;
  const parts = (typeof range === 'string' || typeof range === 'number' ? String(range) : '')
    .slice(0, 200)
    .split(',')
    .map((part) => part.trim());
  const bounds = parts.map((part) => /^(?:>=\s*)?(v?\d+(?:\.\d+)*)$/.exec(part)?.[1]);
  const atLeast = bounds.find((bound) => bound !== undefined && !/^v?[0.]+$/.test(bound));
  return {
    name,
    stated: atLeast === undefined ? name : `${name} (>=${atLeast})`,
    ...(atLeast !== undefined && { atLeast }),
  };
}
