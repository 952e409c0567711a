/**
 * A server of the Remote Execution API in this process, whose worker starts an action in the folder of its input root and enters it nowhere, as
 * most do. It refuses links with absolute targets, keeps no times, and lets everybody write into folders. buildbox is the other kind.
 */
import { execFile, execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { status } from '@grpc/grpc-js';
import { removeTree } from '../../server/src/files/remove-tree.ts';
import { decode, encode } from '../../server/src/reapi/encoding.ts';
import {
  ABSOLUTE_LINKS_DISALLOWED,
  DIGEST_FUNCTION_SHA256,
  type Message,
} from '../../server/src/reapi/messages.ts';
import { digestBytes } from '../../server/src/remote/merkle/digest.ts';
import { Refusal, startFakeRemote } from './fake-remote.ts';
import { isRoot, NOBODY } from './user.ts';

export interface PlainWorker {
  /** The options of a trial on it. */
  readonly flags: readonly string[];
  /** The folders of actions that are there. */
  actions(): readonly string[];
  close(): Promise<void>;
}

/** @param parent of its folder; not below a place that a worker has of its own */
export async function startPlainWorker(parent: string): Promise<PlainWorker> {
  const folder = mkdtempSync(join(parent, 'plain-worker-'));
  chmodSync(folder, 0o755);
  const blobs = join(folder, 'blobs');
  const actions = join(folder, 'actions');
  for (const made of [blobs, actions]) mkdirSync(made);
  const server = await startFakeRemote({
    GetCapabilities: () => ({
      cacheCapabilities: {
        digestFunctions: [DIGEST_FUNCTION_SHA256],
        symlinkAbsolutePathStrategy: ABSOLUTE_LINKS_DISALLOWED,
      },
      executionCapabilities: { execEnabled: true },
    }),
    FindMissingBlobs: ({ blobDigests = [] }) => ({
      missingBlobDigests: blobDigests.filter(({ hash = '' }) => !existsSync(join(blobs, hash))),
    }),
    BatchUpdateBlobs: ({ requests = [] }) => ({
      responses: requests.map(({ digest, data = new Uint8Array() }) => {
        keep(blobs, digest?.hash, data);
        return { ...(digest !== undefined && { digest }) };
      }),
    }),
    async Write(requests) {
      const parts: Uint8Array[] = [];
      let name = '';
      for await (const { resourceName = '', data } of requests) {
        if (resourceName !== '') name = resourceName;
        if (data !== undefined) parts.push(data);
      }
      const content = Buffer.concat(parts);
      keep(blobs, /\/blobs\/([0-9a-f]{64})\//.exec(name)?.[1], content);
      return { committedSize: content.length };
    },
    async *Execute({ actionDigest }) {
      const read = (digest: Message<'Digest'> | undefined) => readFileSync(join(blobs, digest?.hash ?? ''));
      const { commandDigest, inputRootDigest } = decode('Action', read(actionDigest));
      const command = decode('Command', read(commandDigest));
      const place = mkdtempSync(join(actions, 'action-'));
      stage(blobs, inputRootDigest, place);
      for (const path of command.outputPaths ?? [])
        mkdirSync(dirname(join(place, path)), { recursive: true });
      if (isRoot) execFileSync('chown', ['-Rh', `${NOBODY}:${NOBODY}`, place]);
      const { code, stderr } = await run(command, place);
      const outputFiles = (command.outputPaths ?? [])
        .filter((path) => existsSync(join(place, path)))
        .map((path) => {
          const contents = readFileSync(join(place, path));
          return { path, digest: digestBytes(contents), contents };
        });
      const result = { exitCode: code, outputFiles, stderrRaw: Buffer.from(stderr) };
      await removeTree(place);
      yield { name: 'operations/1', done: true, response: { value: encode('ExecuteResponse', { result }) } };
    },
  });
  return {
    flags: ['--remote', server.shown],
    actions: () => readdirSync(actions),
    async close() {
      await server.close();
      await removeTree(folder);
    },
  };
}

function keep(blobs: string, hash: string | undefined, content: Uint8Array): void {
  if (hash !== digestBytes(content).hash)
    throw new Refusal(status.INVALID_ARGUMENT, 'the bytes have another digest');
  writeFileSync(join(blobs, hash), content);
}

function stage(blobs: string, digest: Message<'Digest'> | undefined, place: string): void {
  const {
    files = [],
    directories = [],
    symlinks = [],
  } = decode('Directory', readFileSync(join(blobs, digest?.hash ?? '')));
  for (const { name = '', target = '' } of symlinks) {
    if (target.startsWith('/'))
      throw new Refusal(status.INVALID_ARGUMENT, `${name} is a link with an absolute target`);
    symlinkSync(target, join(place, name));
  }
  for (const { name = '', digest: content, isExecutable } of files) {
    copyFileSync(join(blobs, content?.hash ?? ''), join(place, name));
    chmodSync(join(place, name), isExecutable === true ? 0o555 : 0o444);
  }
  for (const { name = '', digest: below } of directories) {
    mkdirSync(join(place, name));
    chmodSync(join(place, name), 0o777);
    stage(blobs, below, join(place, name));
  }
}

function run(
  { arguments: words = [], environmentVariables = [] }: Message<'Command'>,
  place: string,
): Promise<{ readonly code: number; readonly stderr: string }> {
  const drop = ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups', '--'];
  const [program = '', ...rest] = [...(isRoot ? drop : []), ...words];
  const env = Object.fromEntries(environmentVariables.map(({ name = '', value = '' }) => [name, value]));
  return new Promise((resolve) => {
    const child = execFile(program, rest, { cwd: place, env, maxBuffer: 2 ** 24 }, (_, __, stderr) =>
      resolve({ code: child.exitCode ?? -1, stderr }),
    );
  });
}
