/** Limits in levels of variables, and in characters of an expanded value. */
const MOST_ROUNDS = 8;
const LONGEST_VALUE = 10_000;

/**
 * Reads the modules that `Requires:` of a .pc file names (pc(5) of pkgconf), without versions. A build that uses the file needs theirs too.
 * `Requires.private:` is for static libraries only and is left out. Total.
 */
export function readRequiredModules(text: string): string[] {
  const lines = text.replaceAll('\\\n', ' ').split('\n');
  const variables = new Map<string, string>();
  const required: string[] = [];
  for (const line of lines) {
    const [, name = '', sign, value = ''] = /^\s*([\w.]+)\s*([:=])\s*([^#]*)/.exec(line) ?? [];
    if (sign === '=') variables.set(name, value.trim());
    else if (sign === ':' && name === 'Requires') required.push(...listModules(expand(value, variables)));
  }
  return [...new Set(required)];
}

/** Whether a .pc file has only variables, and nothing to compile or link with (pc(5): `Cflags`, `Libs`, `Requires`). Total. */
export function hasOnlyVariables(text: string): boolean {
  return (
    /^\s*Name\s*:/m.test(text) && !/^\s*(Cflags|CFlags|Libs|Requires)(\.private)?\s*:[ \t]*\S/m.test(text)
  );
}

function expand(value: string, variables: ReadonlyMap<string, string>): string {
  let expanded = value;
  for (let round = 0; round < MOST_ROUNDS && expanded.includes('${'); round++)
    expanded = expanded
      .replace(/\$\{([\w.]+)\}/g, (_, name: string) => variables.get(name) ?? '')
      .slice(0, LONGEST_VALUE);
  return expanded;
}

/** Reads modules, each with or without an operator and a version, as in `zlib >= 1.2, libpng`. */
function listModules(value: string): string[] {
  const withoutVersions = value.replace(/(?:[<>]=?|!=|=)\s*[^\s,]+/g, ' ');
  return withoutVersions.split(/[\s,]+/).filter((word) => /^[\w.+-]+$/.test(word));
}
