type Schema = Readonly<Record<string, unknown>>;

/** Checks a value against the part of JSON Schema that our schemas use. @returns the first violation */
export function findViolation(schema: Schema, value: unknown, root = schema, path = ''): string | undefined {
  for (const key of Object.keys(schema))
    if (!KNOWN.has(key)) throw new Error(`the keyword ${key} is not checked`);
  const { $ref, type, required, properties, items, anyOf, pattern } = schema as {
    readonly $ref?: string;
    readonly type?: string;
    readonly required?: readonly string[];
    readonly properties?: Readonly<Record<string, Schema>>;
    readonly items?: Schema;
    readonly anyOf?: readonly Schema[];
    readonly pattern?: string;
  };
  if ($ref !== undefined) {
    const target = (root.$defs as Readonly<Record<string, Schema>>)[$ref.replace('#/$defs/', '')];
    return target === undefined ? `${$ref} is not defined` : findViolation(target, value, root, path);
  }
  if (type !== undefined && !isOfType(type, value)) return `${path} is no ${type}`;
  if ('const' in schema && schema.const !== value) return `${path} is another value`;
  if (Array.isArray(schema.enum) && !schema.enum.includes(value)) return `${path} is another value`;
  if (anyOf?.every((part) => findViolation(part, value, root, path) !== undefined))
    return `${path} fits no form`;
  if (isTooMuch(schema, value)) return `${path} is beyond a limit`;
  if (pattern !== undefined && !new RegExp(pattern, 'u').test(String(value)))
    return `${path} has another pattern`;
  if (Array.isArray(value) && items !== undefined)
    return first(value.map((item, at) => () => findViolation(items, item, root, `${path}[${at}]`)));
  if (type !== 'object') return undefined;
  const object = value as Readonly<Record<string, unknown>>;
  const missing = required?.find((key) => !(key in object));
  if (missing !== undefined) return `${path}.${missing} is missing`;
  return first(
    Object.entries(properties ?? {})
      .filter(([key]) => key in object)
      .map(
        ([key, part]) =>
          () =>
            findViolation(part, object[key], root, `${path}.${key}`),
      ),
  );
}

const KNOWN = new Set(
  '$schema $defs $ref title type required properties items anyOf pattern const enum minLength maxLength minimum maximum maxItems'.split(
    ' ',
  ),
);

function first(checks: readonly (() => string | undefined)[]): string | undefined {
  for (const check of checks) {
    const found = check();
    if (found !== undefined) return found;
  }
  return undefined;
}

function isOfType(type: string, value: unknown): boolean {
  if (type === 'array') return Array.isArray(value);
  if (type === 'integer') return Number.isInteger(value);
  if (type === 'object') return typeof value === 'object' && value !== null && !Array.isArray(value);
  return typeof value === type;
}

function isTooMuch(schema: Schema, value: unknown): boolean {
  const { minLength = 0, maxLength = Number.POSITIVE_INFINITY } = schema as Readonly<Record<string, number>>;
  const { minimum = Number.NEGATIVE_INFINITY, maximum = Number.POSITIVE_INFINITY } = schema as Readonly<
    Record<string, number>
  >;
  if (typeof value === 'string') return value.length < minLength || value.length > maxLength;
  if (typeof value === 'number') return value < minimum || value > maximum;
  return Array.isArray(value) && value.length > Number(schema.maxItems ?? Number.POSITIVE_INFINITY);
}
