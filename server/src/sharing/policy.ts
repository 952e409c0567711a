import type { KeyObject } from 'node:crypto';
import { UserError } from '../errors/user-error.ts';
import { readText } from '../files/regular-file.ts';
import { readPublicKey } from './keys.ts';
import { fingerprintKey, KeyProblem } from './openssh-key.ts';
import { list, matchShape, object, oneOf, type Shape, ShapeError, shape, text, word } from './shape.ts';

/** Whose records are taken in place of a trial. */
export interface Policy {
  readonly keys: readonly PolicyKey[];
  /** `any` of the keys, so many of them, or the one with this name. */
  readonly level: 'any' | number | string;
}

export interface PolicyKey {
  readonly name: string;
  readonly key: KeyObject;
  /** See {@link fingerprintKey}. */
  readonly id: string;
}

const MOST_KEYS = 100;

const LEVEL: Shape<Policy['level']> = shape(
  (value, path) => {
    if (typeof value === 'string' && value !== '') return value;
    if (typeof value === 'number' && Number.isInteger(value) && value >= 1) return value;
    throw new ShapeError(`${path.slice(1)} is not "any", a number from 1 on, or the name of a key`);
  },
  {
    anyOf: [
      { type: 'string', minLength: 1 },
      { type: 'integer', minimum: 1 },
    ],
  },
);

export const POLICY = object<{
  readonly format: 1;
  readonly level: Policy['level'];
  readonly keys: readonly { readonly name: string; readonly key: string }[];
}>(
  {
    format: oneOf(1),
    level: LEVEL,
    keys: list(
      object(
        {
          name: word(/^[\p{L}\p{N}][\p{L}\p{N} _.@+-]*$/u, 'a name of letters, digits and " _.@+-"', 100),
          key: text(16_384),
        },
        {},
      ),
      MOST_KEYS,
    ),
  },
  {},
);

/**
 * Reads a policy from a file, see docs/sharing.md.
 *
 * @throws UserError that says what is wrong with it
 */
export function readPolicy(path: string): Policy {
  let problem = '';
  const content = readText(path, ['/'], (sentence) => (problem = sentence));
  if (content === undefined)
    throw new UserError(problem || `The policy ${path} does not exist: name a file as in docs/sharing.md.`);
  const read = parsePolicy(content);
  if ('problem' in read)
    throw new UserError(
      `The policy ${path} is wrong, because ${read.problem}: correct it, see docs/sharing.md.`,
    );
  return read;
}

/** Reads the text of a policy. Total. The problem is a clause. */
export function parsePolicy(content: string): Policy | { readonly problem: string } {
  let json: unknown;
  try {
    json = JSON.parse(content);
  } catch (error) {
    return { problem: `it is not JSON (${(error as Error).message})` };
  }
  const read = matchShape(POLICY, json);
  if ('problem' in read) return read;
  const { level } = read.value;
  const keys: PolicyKey[] = [];
  for (const { name, key: written } of read.value.keys) {
    try {
      const key = readPublicKey(written);
      keys.push({ name, key, id: fingerprintKey(key) });
    } catch (error) {
      if (!(error instanceof KeyProblem)) throw error;
      return { problem: `the key of "${name}" is none: ${error.message}` };
    }
  }
  const problem = findConflict(keys, level);
  return problem === undefined ? { keys, level } : { problem };
}

function findConflict(keys: readonly PolicyKey[], level: Policy['level']): string | undefined {
  if (keys.length === 0) return 'it lists no key';
  for (const [at, { name, id }] of keys.entries()) {
    const earlier = keys.slice(0, at);
    if (name === 'any') return 'a key is named "any", which is a level';
    if (earlier.some((key) => key.name === name)) return `two keys are named "${name}"`;
    const same = earlier.find((key) => key.id === id);
    // One builder would count twice.
    if (same !== undefined) return `"${same.name}" and "${name}" have the same key`;
  }
  if (typeof level === 'number' && level > keys.length)
    return `its level asks for ${level} keys, and it lists ${keys.length}`;
  if (typeof level === 'string' && level !== 'any' && !keys.some(({ name }) => name === level))
    return `its level "${level}" is the name of no key`;
  return undefined;
}
