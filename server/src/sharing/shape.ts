/**
 * Describes the shape of data from elsewhere. A shape takes a value and gives a clean copy, or throws a {@link ShapeError}. Unknown keys are
 * dropped, as in-toto requires of those who read a statement.
 */
export interface Shape<T> {
  (value: unknown, path: string): T;
  /** The same in JSON Schema (2020-12), apart from what only a function can check. */
  readonly schema: Schema;
}

export type Schema = Readonly<Record<string, unknown>>;

/** Makes a shape. */
export function shape<T>(read: (value: unknown, path: string) => T, schema: Schema): Shape<T> {
  return Object.assign((value: unknown, path: string) => read(value, path), { schema });
}

/** A value that has not the shape that it should have. The message is a clause such as `record.needs[3].atom is not an atom`. */
export class ShapeError extends Error {
  override readonly name = 'ShapeError';
}

/** Reads a value; total. */
export function matchShape<T>(
  expected: Shape<T>,
  value: unknown,
): { readonly value: T } | { readonly problem: string } {
  try {
    return { value: expected(value, '') };
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
  return shape(
    (value, path) => {
      if (typeof value !== 'string') return fail(path, 'is not a text');
      return value.length > longest ? fail(path, 'is too long') : value;
    },
    { type: 'string', maxLength: longest },
  );
}

/** A text that matches an expression. @param what with its article, e.g. `an atom` */
export function word(expression: RegExp, what: string, longest = 1000): Shape<string> {
  const read = text(longest);
  return shape(
    (value, path) => {
      const found = read(value, path);
      return expression.test(found) ? found : fail(path, `is not ${what}`);
    },
    { ...read.schema, pattern: expression.source },
  );
}

/** A text that a function takes; otherwise as {@link word}. */
export function checked(
  read: Shape<string>,
  isValid: (text: string) => boolean,
  what: string,
): Shape<string> {
  return shape((value, path) => {
    const found = read(value, path);
    return isValid(found) ? found : fail(path, `is not ${what}`);
  }, read.schema);
}

export function oneOf<const T extends string | number | boolean>(...values: readonly T[]): Shape<T> {
  return shape(
    (value, path) =>
      values.find((known) => known === value) ??
      (fail(path, `is not ${values.map((known) => JSON.stringify(known)).join(' or ')}`) as T),
    values.length === 1 ? { const: values[0] } : { enum: values },
  );
}

/** A whole number from 0 on. */
export function count(most: number = Number.MAX_SAFE_INTEGER): Shape<number> {
  return shape(
    (value, path) =>
      typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= most
        ? value
        : fail(path, 'is not a number'),
    { type: 'integer', minimum: 0, maximum: most },
  );
}

export function flag(): Shape<boolean> {
  return shape((value, path) => (typeof value === 'boolean' ? value : fail(path, 'is not true or false')), {
    type: 'boolean',
  });
}

export function list<T>(item: Shape<T>, most = 100_000): Shape<readonly T[]> {
  return shape(
    (value, path) => {
      if (!Array.isArray(value)) return fail(path, 'is not a list');
      if (value.length > most) return fail(path, 'is too long');
      return value.map((inner, at) => item(inner, `${path}[${at}]`));
    },
    { type: 'array', maxItems: most, items: item.schema },
  );
}

/** An object whose keys are not known. */
export function map<T>(key: RegExp, value: Shape<T>, most = 1000): Shape<Readonly<Record<string, T>>> {
  return shape(
    (given, path) => {
      if (typeof given !== 'object' || given === null || Array.isArray(given))
        return fail(path, 'is not an object');
      const entries = Object.entries(given);
      if (entries.length > most) return fail(path, 'is too long');
      if (!entries.every(([name]) => key.test(name))) return fail(path, 'has a key that is none');
      return Object.fromEntries(entries.map(([name, inner]) => [name, value(inner, `${path}.${name}`)]));
    },
    {
      type: 'object',
      maxProperties: most,
      propertyNames: { pattern: key.source },
      additionalProperties: value.schema,
    },
  );
}

type OptionalKeys<T> = { [K in keyof T]-?: object extends Pick<T, K> ? K : never }[keyof T];
type Required<T> = { readonly [K in Exclude<keyof T, OptionalKeys<T>>]: Shape<T[K]> };
type Optional<T> = { readonly [K in OptionalKeys<T>]: Shape<Exclude<T[K], undefined>> };

/** An object. The compiler demands a shape for each of its keys, so that no new one is forgotten. */
export function object<T>(required: Required<T>, optional: Optional<T>): Shape<T> {
  const must = Object.entries(required) as [string, Shape<unknown>][];
  const may = Object.entries(optional) as [string, Shape<unknown>][];
  return shape(
    (value, path) => {
      if (typeof value !== 'object' || value === null || Array.isArray(value))
        return fail(path, 'is not an object');
      const from = value as Readonly<Record<string, unknown>>;
      const own = (key: string) => (Object.hasOwn(from, key) ? from[key] : undefined);
      const copy: Record<string, unknown> = {};
      for (const [key, read] of must) {
        if (own(key) === undefined) return fail(`${path}.${key}`, 'is missing');
        copy[key] = read(own(key), `${path}.${key}`);
      }
      for (const [key, read] of may) if (own(key) !== undefined) copy[key] = read(own(key), `${path}.${key}`);
      return copy as T;
    },
    {
      type: 'object',
      required: must.map(([key]) => key),
      properties: Object.fromEntries([...must, ...may].map(([key, { schema }]) => [key, schema])),
    },
  );
}

/**
 * Writes a schema with definitions for the parts that have a name.
 *
 * @param named the schemas of shapes, by the names that they get in `$defs`
 */
export function describeSchema(
  { schema }: Shape<unknown>,
  named: Readonly<Record<string, Shape<unknown>>>,
  head: Schema,
): Schema {
  const names = new Map(Object.entries(named).map(([name, known]) => [known.schema, name]));
  const describe = (part: unknown, isTop: boolean): unknown => {
    if (Array.isArray(part)) return part.map((item) => describe(item, false));
    if (typeof part !== 'object' || part === null) return part;
    const name = isTop ? undefined : names.get(part as Schema);
    if (name !== undefined) return { $ref: `#/$defs/${name}` };
    return Object.fromEntries(Object.entries(part).map(([key, inner]) => [key, describe(inner, false)]));
  };
  const $defs = Object.fromEntries(
    Object.entries(named).map(([name, known]) => [name, describe(known.schema, true)]),
  );
  const top = { ...head, ...(describe(schema, true) as Schema) };
  return Object.keys($defs).length === 0 ? top : { ...top, $defs };
}
