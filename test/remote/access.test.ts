import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ServerCredentials, status } from '@grpc/grpc-js';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { UserError } from '../../server/src/errors/user-error.ts';
import { connect } from '../../server/src/remote/api/connection.ts';
import { parseRemoteAddress } from '../../server/src/remote/api/remote-address.ts';
import { openServer } from '../../server/src/remote/client/server.ts';
import { type Answers, type FakeRemote, Refusal, startFakeRemote } from '../support/fake-remote.ts';
import { useQuickWaits } from '../support/quick-waits.ts';

const waits = useQuickWaits();
const TOKEN = 's3cret-token';
let folder: string;
let server: FakeRemote | undefined;
const at = (name: string) => join(folder, name);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'access-'));
  for (const name of ['server', 'client', 'other'])
    execFileSync(
      'openssl',
      [
        ...[
          'req',
          '-x509',
          '-newkey',
          'ec',
          '-pkeyopt',
          'ec_paramgen_curve:prime256v1',
          '-nodes',
          '-days',
          '2',
        ],
        ...['-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1'],
        ...['-keyout', at(`${name}.key`), '-out', at(`${name}.pem`)],
      ],
      { stdio: 'ignore' },
    );
  writeFileSync(at('token'), `${TOKEN}\n`);
  writeFileSync(at('nonsense'), 'nonsense');
});
afterEach(async () => {
  await server?.close();
  server = undefined;
  waits.length = 0;
});
afterAll(() => rmSync(folder, { recursive: true }));

async function startTls(answers: Answers, asksForCertificate = false): Promise<FakeRemote> {
  const pair = { cert_chain: readFileSync(at('server.pem')), private_key: readFileSync(at('server.key')) };
  const credentials = ServerCredentials.createSsl(readFileSync(at('client.pem')), [pair], asksForCertificate);
  server = await startFakeRemote(answers, credentials, 'grpcs');
  return server;
}

const messageOf = (action: Promise<unknown>): Promise<string> =>
  action.then(
    () => 'it succeeded',
    (error) => error.message,
  );

describe('access', () => {
  test('by a token sends it over TLS, with each request', async () => {
    const seen: unknown[] = [];
    const { connect: open } = await startTls({
      GetCapabilities(_, { metadata }) {
        seen.push(...metadata.get('authorization'));
        return {};
      },
      *Read(_, { metadata }) {
        seen.push(...metadata.get('authorization'));
        yield { data: Buffer.from('x') };
      },
    });
    const connection = open({ tokenFile: at('token'), authorityFile: at('server.pem') });
    await connection.ask('GetCapabilities', {});
    for await (const { data } of connection.stream('Read', {})) expect(String(data)).toBe('x');
    expect(seen).toEqual([`Bearer ${TOKEN}`, `Bearer ${TOKEN}`]);
  });

  test('by a token that the server refuses and names does not show it', async () => {
    const { connect: open, shown } = await startTls({
      GetCapabilities() {
        throw new Refusal(status.UNAUTHENTICATED, `bad token "${TOKEN}"`);
      },
    });
    const connection = open({ tokenFile: at('token'), authorityFile: at('server.pem') });
    expect(await messageOf(connection.ask('GetCapabilities', {}))).toBe(
      `${shown} does not let you in (bad token "…"): check the token and the certificate`,
    );
  });

  test.each([
    ['two words', 's3cret token'],
    ['two lines', 's3cret\ntoken'],
    ['nothing', '\n'],
    ['a control character', 's3cret\u0007'],
  ])('by a token file with %s is refused without its content', (_, text) => {
    writeFileSync(at('bad-token'), text);
    const open = () => connect(parseRemoteAddress('grpcs://127.0.0.1:1'), { tokenFile: at('bad-token') });
    expect(open).toThrow(UserError);
    expect(open).toThrow(`${at('bad-token')} has no token: it must be one word.`);
  });

  test('by a file that is not there is refused', () => {
    for (const name of ['tokenFile', 'authorityFile', 'certificateFile', 'keyFile'])
      expect(() => connect(parseRemoteAddress('grpcs://127.0.0.1:1'), { [name]: at('none') })).toThrow(
        `${at('none')} cannot be read (ENOENT).`,
      );
  });

  test('by a client certificate lets in, and without it does not', async () => {
    const { connect: open, shown } = await startTls({ GetCapabilities: () => ({}) }, true);
    const authorityFile = at('server.pem');
    const with_ = open({ authorityFile, certificateFile: at('client.pem'), keyFile: at('client.key') });
    expect(await with_.ask('GetCapabilities', {})).toEqual({});
    expect(await messageOf(open({ authorityFile }).ask('GetCapabilities', {}))).toContain(
      `${shown} cannot be reached`,
    );
  });

  test.each([
    ['a key without a certificate', { keyFile: 'client.key' }],
    ['a certificate that is none', { certificateFile: 'nonsense', keyFile: 'client.key' }],
    ['a key of another certificate', { certificateFile: 'client.pem', keyFile: 'other.key' }],
  ])('by %s is refused in one sentence', (_, files) => {
    const access = Object.fromEntries(Object.entries(files).map(([key, name]) => [key, at(name)]));
    const open = () => connect(parseRemoteAddress('grpcs://127.0.0.1:1'), access);
    expect(open).toThrow(UserError);
    expect(open).toThrow(
      /^The certificates for grpcs:\/\/127\.0\.0\.1:1 cannot be used \(.*\): give PEM files/,
    );
  });

  test('to a server with the certificate of another authority ends at once, with one sentence', async () => {
    const { connect: open, shown } = await startTls({ GetCapabilities: () => ({}) });
    expect(open).not.toThrow();
    const access = { authorityFile: at('other.pem'), tokenFile: at('token') };
    const message = await messageOf(
      openServer({ address: parseRemoteAddress(shown), access, properties: {} }),
    );
    expect(message).toMatch(
      /cannot be reached by TLS \(.*\): check the address, --remote-ca and --remote-cert$/,
    );
    expect(message).not.toContain(TOKEN);
    expect(waits).toEqual([]);
  });

  test('over TLS to a server without it ends at once', async () => {
    server = await startFakeRemote({ GetCapabilities: () => ({}) });
    const address = parseRemoteAddress(server.shown.replace('grpc:', 'grpcs:'));
    expect(await messageOf(openServer({ address, access: {}, properties: {} }))).toContain(
      'cannot be reached by TLS',
    );
  });
});

describe('a server', () => {
  const RIGHT = {
    cacheCapabilities: { digestFunctions: [2, 1], symlinkAbsolutePathStrategy: 2, maxBatchTotalSizeBytes: 5 },
    executionCapabilities: { execEnabled: true },
  };
  async function open(capabilities: Answers['GetCapabilities']) {
    server = await startFakeRemote({ ...(capabilities !== undefined && { GetCapabilities: capabilities }) });
    return openServer({ address: parseRemoteAddress(`${server.shown}/main`), access: {}, properties: {} });
  }

  test('that can do all is taken', async () => {
    const { connection, absoluteLinks } = await open(({ instanceName }) => {
      expect(instanceName).toBe('main');
      return RIGHT;
    });
    expect([connection.address.instance, absoluteLinks]).toEqual(['main', true]);
    connection.close();
  });

  test.each([
    [0, true],
    [1, false],
  ])('with the strategy %i for absolute links takes them: %s', async (symlinkAbsolutePathStrategy, takes) => {
    const { connection, absoluteLinks } = await open(() => ({
      ...RIGHT,
      cacheCapabilities: { ...RIGHT.cacheCapabilities, symlinkAbsolutePathStrategy },
    }));
    expect(absoluteLinks).toBe(takes);
    connection.close();
  });

  test.each([
    ['nothing', {}, 'stores files and does not execute actions: name a server that executes them'],
    [
      'no execution',
      { ...RIGHT, executionCapabilities: { execEnabled: false } },
      'stores files and does not execute actions: name a server that executes them',
    ],
    [
      'no SHA-256',
      { ...RIGHT, cacheCapabilities: { ...RIGHT.cacheCapabilities, digestFunctions: [2] } },
      'does not name files by SHA-256: set its digest function to SHA256',
    ],
  ])('that can do %s is refused in one sentence', async (_, capabilities, clause) => {
    expect(await messageOf(open(() => capabilities))).toBe(`${server?.shown}/main ${clause}`);
    expect(server?.called).toEqual(['GetCapabilities']);
  });

  test.each([
    ['has never answered', false, 3],
    ['has answered before', true, 6],
  ])('that does not answer and %s (%s) is asked %i times', async (_, isKnown, times) => {
    server = await startFakeRemote({
      GetCapabilities() {
        throw new Refusal(status.UNAVAILABLE, 'starting');
      },
    });
    const address = parseRemoteAddress(server.shown);
    expect(await messageOf(openServer({ address, access: {}, properties: {} }, isKnown))).toBe(
      `${server.shown} cannot be reached (starting)`,
    );
    expect([server.called.length, waits.length]).toEqual([times, times - 1]);
  });

  test('at whose address nobody listens is said with the error of the socket', async () => {
    server = undefined;
    const address = parseRemoteAddress('grpc://127.0.0.1:1');
    expect(await messageOf(openServer({ address, access: {}, properties: {} }))).toBe(
      'grpc://127.0.0.1:1 cannot be reached (connect ECONNREFUSED 127.0.0.1:1)',
    );
  });

  test('of another kind is refused in one sentence', async () => {
    expect(await messageOf(open(undefined))).toBe(
      `${server?.shown}/main cannot do this (no GetCapabilities)`,
    );
  });
});
