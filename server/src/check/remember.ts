/**
 * Keeps the last value that was made, and makes it again only if a part has changed.
 *
 * @param partsOf what the value is made of; parts are compared by identity
 */
export function rememberLast<const Parts extends readonly unknown[], Value>(
  partsOf: () => Parts,
  make: (parts: Parts) => Value,
): () => Value {
  let last: { readonly parts: Parts; readonly value: Value } | undefined;
  return () => {
    const parts = partsOf();
    if (last === undefined || last.parts.some((part, index) => part !== parts[index]))
      last = { parts, value: make(parts) };
    return last.value;
  };
}
