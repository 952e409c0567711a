/**
 * Paths are bytes for the kernel and strings here. Valid UTF-8 is decoded as such. Each byte that is not part of
 * valid UTF-8 becomes one lone surrogate U+DC80…U+DCFF (Python's `surrogateescape`, PEP 383), so that every path
 * survives decoding and encoding, and different paths stay different.
 */

const FIRST_ESCAPE = 0xdc00;

/** The length of the valid UTF-8 sequence (RFC 3629) at `at`, or 0. */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0;
  if (first < 0x80) return 1;
  const length =
    first >= 0xc2 && first <= 0xdf
      ? 2
      : first >= 0xe0 && first <= 0xef
        ? 3
        : first >= 0xf0 && first <= 0xf4
          ? 4
          : 0;
  if (length === 0 || at + length > bytes.length) return 0;
  const second = bytes[at + 1] ?? 0;
  const low = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const high = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  if (second < low || second > high) return 0;
  for (let i = 2; i < length; i++) {
    const next = bytes[at + i] ?? 0;
    if (next < 0x80 || next > 0xbf) return 0;
  }
  return length;
}

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Decodes the bytes of a path or an argument; total. */
export function decodePath(bytes: Uint8Array): string {
  try {
    return strict.decode(bytes);
  } catch {
    let text = '';
    for (let at = 0; at < bytes.length; ) {
      const length = sequenceLength(bytes, at);
      if (length === 0) {
        text += String.fromCharCode(FIRST_ESCAPE + (bytes[at] ?? 0));
        at += 1;
      } else {
        text += strict.decode(bytes.subarray(at, at + length));
        at += length;
      }
    }
    return text;
  }
}

/** The inverse of {@link decodePath} for everything that it returns. */
export function encodePath(text: string): Uint8Array {
  if (!/\p{Surrogate}/u.test(text)) return Buffer.from(text, 'utf8');
  // Every second part consists of escapes.
  const parts = text.split(/([\udc80-\udcff]+)/u);
  return Buffer.concat(
    parts.map((part, index) =>
      index % 2 === 0
        ? Buffer.from(part, 'utf8')
        : Uint8Array.from(part, (escaped) => escaped.charCodeAt(0) - FIRST_ESCAPE),
    ),
  );
}

/** Whether the kernel's bytes for `text` can be an argument of a program, which Node encodes as UTF-8. */
export function isPlainText(text: string): boolean {
  return !text.includes('\0') && !/\p{Surrogate}/u.test(text);
}
