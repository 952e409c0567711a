import { type Load, MOST_LOADS, type SourceFile } from './source-file.ts';

/**
 * Reads the modules that a Perl file loads whenever it is loaded: `use` and `require` (perlfunc) without
 * indentation, with `use parent` and `use base`. Documentation, data and here-documents are left out. Total, in linear time.
 */
export function readPerlModules(text: string): SourceFile {
  const loads: Load[] = [];
  let isPod = false;
  let isEvaluated = false;
  let hereEnds: string[] = [];
  for (const line of text.split('\n')) {
    if (isPod) {
      isPod = !/^=cut\b/.test(line);
      continue;
    }
    if (hereEnds.length > 0) {
      if (line.trim() === hereEnds[0]) hereEnds = hereEnds.slice(1);
      continue;
    }
    if (isEvaluated) {
      isEvaluated = !/[})\]>"'~!|]/.test(line);
      continue;
    }
    isEvaluated = EVALUATED.test(line) && !/;\s*$/.test(line);
    if (/^=[a-zA-Z]/.test(line)) isPod = true;
    else if (/^__(?:END|DATA)__\b/.test(line)) break;
    else {
      loads.push(...readLine(line));
      hereEnds = listHereEnds(line);
      if (loads.length >= MOST_LOADS) break;
    }
  }
  return { loads, namespaces: [] };
}

const MODULE = '[A-Za-z_]\\w*(?:::\\w+)*';
/** The beginning of an `eval` of a string that goes on in the next lines. */
const EVALUATED = /\beval\s*\(?\s*(?:qq?\s*[{([<~!|]|["'])/;
/** What stands deeper may be text of a string. */
const USE = new RegExp(`^use\\s+(${MODULE})\\b(?!::)`);
const REQUIRE = new RegExp(`^require\\s+(${MODULE})\\s*;`);
const BASES = /^use\s+(?:parent|base)\s+(.*)$/;

function readLine(line: string): Load[] {
  const bases = BASES.exec(line)?.[1];
  if (bases !== undefined)
    return /-norequire/.test(bases)
      ? []
      : [...bases.replace(/#.*/, '').matchAll(/\b[A-Z]\w*(?:::\w+)*/g)].map(([name]) => toLoad(name));
  const name = (USE.exec(line) ?? REQUIRE.exec(line))?.[1];
  // What Perl has itself is in small letters: `strict`, `lib`.
  return name === undefined || !/^[A-Z]/.test(name) ? [] : [toLoad(name)];
}

const toLoad = (module: string): Load => ({ wanted: [module], places: [module.replaceAll('::', '/')] });

/** The lines that end the here-documents which begin on a line: `<<"EOT"`, `<<EOT`, `<<~EOT`. */
function listHereEnds(line: string): string[] {
  if (!line.includes('<<') || /^\s*#/.test(line)) return [];
  return [...line.matchAll(/<<~?(?:"([^"]+)"|'([^']+)'|([A-Z_]\w*))/g)].map(
    ([, doubled, single, bare]) => doubled ?? single ?? bare ?? '',
  );
}
