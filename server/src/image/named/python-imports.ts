import { dirname, join } from 'node:path/posix';
import { type Load, MOST_LOADS, type SourceFile } from './source-file.ts';

/**
 * Reads what a Python file imports whenever it is loaded: `import` and `from … import` without indentation. Those inside of `try`, `if`,
 * functions and classes may not be run, or may fail. Total, in linear time.
 *
 * @param user the path of the file, for relative imports
 */
export function readPythonImports(text: string, user: string): SourceFile {
  const loads: Load[] = [];
  const namespaces = new Set<string>();
  for (const statement of listTopStatements(text)) {
    if (loads.length >= MOST_LOADS) break;
    const asked = /^gi\s*\.\s*require_version\s*\(\s*['"](\w+)['"]\s*,\s*['"]([\w.]+)['"]\s*\)/.exec(
      statement,
    );
    if (asked !== null) namespaces.add(`${asked[1]}-${asked[2]}`);
    const plain = /^import\s+(.+)$/.exec(statement)?.[1];
    if (plain !== undefined) for (const name of splitNames(plain)) loads.push(toLoad(name));
    const [, dots = '', module = '', names = ''] =
      /^from\s*(\.*)\s*([\w.]*)\s*import\b\s*(.+)$/.exec(statement) ?? [];
    if (dots !== '') loads.push(...readRelative(user, dots.length, module, splitNames(names)));
    else if (module !== '') loads.push(toLoad(module, splitNames(names)));
  }
  return { loads, namespaces: [...namespaces] };
}

const NAME = /^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*$/;

/** Reads `a.b as c, d` and `(a, b)` as names. */
function splitNames(text: string): string[] {
  return text
    .replace(/[()]/g, ' ')
    .split(',')
    .map((part) => part.trim().split(/\s+/)[0] ?? '')
    .filter((name) => NAME.test(name));
}

/** @param names what is imported from the module: each is a module of its own, or a name in the module */
function toLoad(module: string, names: readonly string[] = []): Load {
  const parts = module.split('.');
  const places = parts.map((_, index) => parts.slice(0, index + 1).join('/')).reverse();
  return {
    wanted: [module, ...names.map((name) => `${module}.${name}`)],
    places: [...names.map((name) => `${parts.join('/')}/${name}`), ...places],
  };
}

function readRelative(user: string, dots: number, module: string, names: readonly string[]): Load[] {
  let folder = dirname(user);
  for (let level = 1; level < dots; level++) folder = dirname(folder);
  const base = module === '' ? folder : join(folder, module.replaceAll('.', '/'));
  const places = [...names.map((name) => join(base, name)), base];
  return [{ wanted: [module], places, isOwn: true }];
}

/**
 * Lists the statements that begin without indentation, each as one line without comments. Strings in three quotation marks are left out, the
 * others are kept.
 */
function listTopStatements(text: string): string[] {
  const statements: string[] = [];
  let statement = '';
  let depth = 0;
  let at = 0;
  const end = () => {
    // Only behind an import is a second statement sure to be at the top: `if x: import a; import b`.
    if (/^(?:import|from)\b/.test(statement))
      for (const part of statement.split(';')) statements.push(part.trim());
    else if (/^\S/.test(statement)) statements.push(statement);
    statement = '';
  };
  // One token at a time: a string, a comment, a joined line, a bracket, an end of line, or other text.
  const token =
    /"""[^"\\]*(?:(?:\\[\s\S]|"(?!""))[^"\\]*)*(?:"""|$)|'''[^'\\]*(?:(?:\\[\s\S]|'(?!''))[^'\\]*)*(?:'''|$)|"(?:[^"\\\n]|\\[\s\S])*"?|'(?:[^'\\\n]|\\[\s\S])*'?|#[^\n]*|\\\r?\n|[([{]|[)\]}]|\r?\n|[^"'#\\\n\r([{)\]}]+|[\s\S]/y;
  while (at < text.length) {
    token.lastIndex = at;
    const [found = ''] = token.exec(text) ?? [];
    at += Math.max(1, found.length);
    if (/^(?:"""|''')/.test(found) || found.startsWith('#')) statement += statement === '' ? '"' : '';
    else if (found === '\n' || found === '\r\n') {
      if (depth === 0) end();
      else statement += ' ';
    } else if (found.startsWith('\\')) statement += ' ';
    else {
      if (/^[([{]$/.test(found)) depth++;
      else if (/^[)\]}]$/.test(found)) depth = Math.max(0, depth - 1);
      statement += found;
    }
  }
  end();
  return statements;
}

/** Reads the modules that the console scripts of an `entry_points.txt` run (entry points specification of PyPA): `name = a.b:function`. */
export function readEntryPoints(text: string): string[] {
  const modules = new Set<string>();
  let isScripts = false;
  for (const line of text.split('\n').slice(0, 10_000)) {
    const section = /^\s*\[([^\]]*)\]/.exec(line)?.[1];
    if (section !== undefined) isScripts = /^(console|gui)_scripts$/.test(section.trim());
    const module = /^[^=#;]+=\s*([A-Za-z_][\w.]*)\s*(?::|\[|$)/.exec(line)?.[1];
    if (isScripts && module !== undefined) modules.add(module);
  }
  return [...modules];
}
