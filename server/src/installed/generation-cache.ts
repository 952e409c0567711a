/** Answers that were asked for lately. It never holds more than twice its limit, whatever a build names. */
export interface GenerationCache<Value> {
  get(key: string): Value | undefined;
  set(key: string, value: Value): void;
}

/**
 * Makes a cache of two generations: once `limit` answers are young, they become the old ones, and the old ones that nobody asked for
 * since are forgotten. That costs a second look-up at most, and no list has to be kept in order.
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
