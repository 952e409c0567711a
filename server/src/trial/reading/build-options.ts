import type { BuildOption } from '../../audit/record.ts';
import { readBuildFiles } from './build-files.ts';

/** Limit in options of one build. FFmpeg's configure has about 700. */
const MOST_OPTIONS = 2000;

type ReadOptions = (text: string) => readonly BuildOption[];

const READERS: readonly { readonly file: RegExp; readonly read: ReadOptions }[] = [
  { file: /^meson(?:_options\.txt|\.options)$/, read: readMesonOptions },
  { file: /^CMakeCache\.txt$/, read: readCmakeOptions },
  { file: /^configure$/, read: readConfigureOptions },
];

const WANTED = new RegExp(READERS.map(({ file }) => file.source).join('|'));

/**
 * Lists the options by which a build can be told to use a package or not. Of each build system, the files that are nearest to the top of the
 * sources count, because bundled sources have options of their own. It blocks its thread; see trial/reading.
 *
 * @param layers folders of this machine with the files that a build wrote, the topmost last
 */
export function readBuildOptions(layers: readonly string[]): BuildOption[] {
  const nearest = new Map<ReadOptions, { depth: number; options: BuildOption[] }>();
  for (const { name, path, text } of readBuildFiles(layers, WANTED)) {
    const read = READERS.find(({ file }) => file.test(name))?.read;
    if (read === undefined) continue;
    const depth = path.split('/').length;
    const known = nearest.get(read);
    if (known === undefined || depth < known.depth) nearest.set(read, { depth, options: [...read(text)] });
    else if (depth === known.depth) known.options.push(...read(text));
  }
  const all = [...nearest.values()].flatMap(({ options }) => options);
  const keyOf = ({ system, name, values }: BuildOption) => `${system} ${values} ${name}`;
  return [...new Map(all.map((option) => [keyOf(option), option])).values()].slice(0, MOST_OPTIONS);
}

/** Reads `option('gtk', type : 'feature')` (Meson's manual, "Build options"). Total. */
export function readMesonOptions(text: string): BuildOption[] {
  const found: BuildOption[] = [];
  for (const [, name = '', rest = ''] of text
    .replace(/^\s*#.*$/gm, '')
    .matchAll(/\boption\s*\(\s*'([\w.+-]+)'([^)]{0,2000})/g)) {
    const type = /\btype\s*:\s*'(\w+)'/.exec(rest)?.[1];
    if (type === 'feature' || type === 'boolean') found.push({ system: 'meson', name, values: type });
  }
  return found;
}

/** Reads the options of a CMakeCache.txt that are on or off (cmake-commands(7), `option`). Total. */
export function readCmakeOptions(text: string): BuildOption[] {
  return [...text.matchAll(/^(?!CMAKE_)([\w+.-]+):BOOL=/gm)].map(([, name = '']) => ({
    system: 'cmake',
    name,
    values: 'boolean',
  }));
}

/** Reads the options of a configure script, of autoconf or written by hand, as its help or its own code names them. Total. */
export function readConfigureOptions(text: string): BuildOption[] {
  return [...text.matchAll(/--(with|enable)(?:out)?-([a-z][\w+.-]*)|--disable-([a-z][\w+.-]*)/g)].map(
    ([, kind, name, disabled]) => ({
      system: 'configure',
      name: (name ?? disabled ?? '').replace(/\.+$/, ''),
      values: kind === 'with' ? 'with' : 'enable',
    }),
  );
}
