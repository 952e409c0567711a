/** A cache of recent results. It has at most twice its limit of entries. */
export interface GenerationCache<Value> {
  get(key: string): Value | undefined;
  set(key: string, value: Value): void;
}

/**
 * Makes a cache of two generations. When the young generation has `limit` entries, it becomes the old one, and entries of
 * the old one that were not used since are dropped. Unlike an LRU list, this needs no order, only a second look-up.
 */
export function createGenerationCache<Value>(limit: number): GenerationCache<Value> {
  let young = new Map<string, Value>();
  let old = new Map<string, Value>();
  const set = (key: string, value: Value) => {
    if (young.size >= limit) {
      old = young;
      young = new Map();
    }
    young.set(key, value);
  };
  return {
    get(key) {
      const known = young.get(key);
      if (known !== undefined) return known;
      const kept = old.get(key);
      if (kept !== undefined) set(key, kept);
      return kept;
    },
    set,
  };
}
