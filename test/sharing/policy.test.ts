import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parsePolicy, readPolicy } from '../../server/src/sharing/policy.ts';
import { makeBuilder } from './made-records.ts';

const LINE = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJJ5+GTMbew0mhmn3WlW2ROC1F2tJB+kckwO35X+7pY+ alice@host';
const PEM = makeBuilder('bob').trusted.key.export({ format: 'pem', type: 'spki' }).toString();
const KEYS = [
  { name: 'alice', key: LINE },
  { name: 'build server', key: PEM },
];
const parse = (change: object) =>
  parsePolicy(JSON.stringify({ format: 1, level: 'any', keys: KEYS, ...change }));

test.each(['any', 1, 2, 'build server'])('the level %s is read', (level) => {
  const policy = parse({ level });
  expect(policy).toMatchObject({ level, keys: [{ name: 'alice' }, { name: 'build server' }] });
});

test.each([
  [{ format: 2 }, 'format is not 1'],
  [{ level: 0 }, 'level is not "any", a number from 1 on, or the name of a key'],
  [{ level: 1.5 }, 'level is not "any", a number from 1 on, or the name of a key'],
  [{ level: 3 }, 'its level asks for 3 keys, and it lists 2'],
  [{ level: 'carol' }, 'its level "carol" is the name of no key'],
  [{ keys: [] }, 'it lists no key'],
  [{ keys: [...KEYS, { name: 'alice', key: PEM }] }, 'two keys are named "alice"'],
  [{ keys: [...KEYS, { name: 'eve', key: LINE }] }, '"alice" and "eve" have the same key'],
  [{ keys: [{ name: 'any', key: LINE }] }, 'a key is named "any", which is a level'],
  [{ keys: [{ name: 'a\nb', key: LINE }] }, 'keys[0].name is not a name of letters, digits and " _.@+-"'],
  [
    { keys: [{ name: 'x', key: 'ssh-rsa AAAA' }] },
    'the key of "x" is none: it is a key of the kind ssh-rsa, and only ed25519 is read',
  ],
  [{ keys: [{ name: 'x' }] }, 'keys[0].key is missing'],
])('%j is refused', (change, problem) => {
  expect(parse(change)).toEqual({ problem });
});

test('a file that is missing or no JSON is one sentence', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ebuild-audit-policy-'));
  try {
    const path = join(folder, 'policy.json');
    expect(() => readPolicy(path)).toThrow(
      `The policy ${path} does not exist: name a file as in docs/sharing.md.`,
    );
    writeFileSync(path, '{');
    expect(() => readPolicy(path)).toThrow(
      /^The policy .* is wrong, because it is not JSON \(.*\): correct it/,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});
