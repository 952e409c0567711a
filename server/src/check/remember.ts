/**
 * Keeps the last value, and makes a new one only if a part has changed.
 *
 * @param partsOf the parts from which the value is made, compared by identity
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
