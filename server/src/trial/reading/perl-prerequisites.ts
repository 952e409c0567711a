import { MOST_REQUIREMENTS, type Requirement } from '../../image/named/requirement.ts';

/**
 * Reads what a distribution of Perl requires when it runs: `prereqs.runtime.requires` of MYMETA.json (CPAN::Meta::Spec), which MakeMaker and
 * Module::Build write into the build folder. Total.
 */
export function readPerlPrerequisites(text: string): Requirement[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return [];
  }
  for (const key of ['prereqs', 'runtime', 'requires']) value = memberOf(value, key);
  if (!isObject(value)) return [];
  return Object.entries(value)
    .slice(0, MOST_REQUIREMENTS)
    .flatMap(([name, range]) => toRequirement(name, range) ?? []);
}

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
