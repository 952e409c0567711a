import type { ReadBytes } from '../elf/elf-file.ts';

const MAGIC = 'GOBJ\nMETADATA\r\n\x1a';
/** Places in the header (`Header` in gitypelib-internal.h of gobject-introspection). */
const DEPENDENCIES_AT = 36;
const SIZE_AT = 40;
const HEADER_BYTES = 112;

/** Limit in bytes of the list, longer than that of any library. */
const MOST_BYTES = 64 * 1024;

/** A namespace and its version, such as `GLib-2.0`. */
const NAMESPACE = /^[A-Za-z]\w*-\d[\w.]*$/;

/**
 * Reads the namespaces that a compiled `.typelib` needs, as `GLib-2.0`. Total, and bounded for every file: offsets outside of it give nothing.
 *
 * @param size of the file in bytes, from which its byte order is known
 * @returns undefined if it is not a typelib
 */
export function readTypelibDependencies(read: ReadBytes, size: number): string[] | undefined {
  const header = Buffer.from(read(0, HEADER_BYTES));
  if (header.length < SIZE_AT + 4 || header.toString('latin1', 0, MAGIC.length) !== MAGIC) return undefined;
  const isLittle = header.readUInt32LE(SIZE_AT) === size;
  const at = isLittle ? header.readUInt32LE(DEPENDENCIES_AT) : header.readUInt32BE(DEPENDENCIES_AT);
  if (at < HEADER_BYTES || at >= size) return [];
  const bytes = Buffer.from(read(at, MOST_BYTES));
  const end = bytes.indexOf(0);
  const list = end < 0 ? '' : bytes.toString('latin1', 0, end);
  return [...new Set(list.split('|').filter((name) => NAMESPACE.test(name)))];
}

/** Limit in characters: the includes are at the beginning. */
const GIR_HEAD = 16 * 1024;

/** Reads the namespaces that the XML of a `.gir` file includes, as `GLib-2.0`. Total. */
export function readGirIncludes(text: string): string[] {
  const found = new Set<string>();
  for (const [, attributes = ''] of text
    .slice(0, GIR_HEAD)
    .replace(/<!--[\s\S]*?-->/g, '')
    .matchAll(/<include\s([^<>]{1,400})>/g)) {
    const name = /\bname\s*=\s*["']([^"']+)["']/.exec(attributes)?.[1];
    const version = /\bversion\s*=\s*["']([^"']+)["']/.exec(attributes)?.[1];
    const namespace = `${name}-${version}`;
    if (NAMESPACE.test(namespace)) found.add(namespace);
  }
  return [...found];
}
