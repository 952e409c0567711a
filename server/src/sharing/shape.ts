/**
 * Describes the shape of data from elsewhere. A shape takes a value and gives a clean copy, or throws a {@link ShapeError}. Unknown keys are
 * dropped, as in-toto requires of those who read a statement.
 */
export type Shape<T> = (value: unknown, path: string) => T;

/** A value that has not the shape that it should have. The message is a clause such as `record.needs[3].atom is not an atom`. */
export class ShapeError extends Error {
  override readonly name = 'ShapeError';
}

/** Reads a value; total. */
export function matchShape<T>(
  shape: Shape<T>,
  value: unknown,
): { readonly value: T } | { readonly problem: string } {
  try {
    return { value: shape(value, '') };
  } catch (error) {
    if (error instanceof ShapeError) return { problem: error.message };
    throw error;
  }
}

const fail = (path: string, clause: string): never => {
  throw new ShapeError(`${path === '' ? 'it' : path.replace(/^\./, '')} ${clause}`);
};

/** Longer texts are in no record. */
const LONGEST_TEXT = 2 ** 20;

/** @param longest in UTF-16 units */
export function text(longest: number = LONGEST_TEXT): Shape<string> {
  return (value, path) => {
    if (typeof value !== 'string') return fail(path, 'is not a text');
    return value.length > longest ? fail(path, 'is too long') : value;
  };
}

/** A text that matches an expression. @param what with its article, e.g. `an atom` */
export function word(expression: RegExp, what: string, longest = 1000): Shape<string> {
  const read = text(longest);
  return (value, path) => {
    const found = read(value, path);
    return expression.test(found) ? found : fail(path, `is not ${what}`);
  };
}

/** A text that a function takes; otherwise as {@link word}. */
export function checked(
  shape: Shape<string>,
  isValid: (text: string) => boolean,
  what: string,
): Shape<string> {
  return (value, path) => {
    const found = shape(value, path);
    return isValid(found) ? found : fail(path, `is not ${what}`);
  };
}

export function oneOf<const T extends string | number | boolean>(...values: readonly T[]): Shape<T> {
  return (value, path) =>
    values.find((known) => known === value) ??
    (fail(path, `is not ${values.map((known) => JSON.stringify(known)).join(' or ')}`) as T);
}

/** A whole number from 0 on. */
export function count(most: number = Number.MAX_SAFE_INTEGER): Shape<number> {
  return (value, path) =>
    typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= most
      ? value
      : fail(path, 'is not a number');
}

export function flag(): Shape<boolean> {
  return (value, path) => (typeof value === 'boolean' ? value : fail(path, 'is not true or false'));
}

export function list<T>(item: Shape<T>, most = 100_000): Shape<readonly T[]> {
  return (value, path) => {
    if (!Array.isArray(value)) return fail(path, 'is not a list');
    if (value.length > most) return fail(path, 'is too long');
    return value.map((inner, at) => item(inner, `${path}[${at}]`));
  };
}

type OptionalKeys<T> = { [K in keyof T]-?: object extends Pick<T, K> ? K : never }[keyof T];
type Required<T> = { readonly [K in Exclude<keyof T, OptionalKeys<T>>]: Shape<T[K]> };
type Optional<T> = { readonly [K in OptionalKeys<T>]: Shape<Exclude<T[K], undefined>> };

/** An object. The compiler demands a shape for each of its keys, so that no new one is forgotten. */
export function object<T>(required: Required<T>, optional: Optional<T>): Shape<T> {
  return (value, path) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return fail(path, 'is not an object');
    const from = value as Readonly<Record<string, unknown>>;
    const own = (key: string) => (Object.hasOwn(from, key) ? from[key] : undefined);
    const copy: Record<string, unknown> = {};
    for (const [key, shape] of Object.entries(required) as [string, Shape<unknown>][]) {
      if (own(key) === undefined) return fail(`${path}.${key}`, 'is missing');
      copy[key] = shape(own(key), `${path}.${key}`);
    }
    for (const [key, shape] of Object.entries(optional) as [string, Shape<unknown>][])
      if (own(key) !== undefined) copy[key] = shape(own(key), `${path}.${key}`);
    return copy as T;
  };
}
