import { encode } from '../../reapi/encoding.ts';
import type { Message } from '../../reapi/messages.ts';
import { type Blob, type Digest, digestBytes } from '../merkle/digest.ts';
import type { MerkleTree } from '../merkle/input-tree.ts';

/** An action with everything that a server needs in order to execute it. */
export interface RemoteAction {
  readonly digest: Digest;
  /** The action, its command, and its input root. */
  readonly blobs: ReadonlyMap<string, Blob>;
}

export interface ActionInput {
  readonly input: MerkleTree;
  readonly words: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly properties: Readonly<Record<string, string>>;
  /** Absolute path of the one file that it makes. */
  readonly output: string;
  /** In milliseconds; 0: as long as the server allows. */
  readonly time: number;
}

/** Describes an action. The same input gives the same digest, under which the server keeps the result. */
export function describeAction({
  input,
  words,
  environment,
  properties,
  output,
  time,
}: ActionInput): RemoteAction {
  const platform = { properties: listProperties(properties) };
  const command = encode('Command', {
    arguments: words,
    environmentVariables: listProperties(environment),
    // The working directory is the input root.
    outputPaths: [output.replace(/^\//, '')],
    platform,
  });
  const action = encode('Action', {
    commandDigest: digestBytes(command),
    inputRootDigest: input.root,
    ...(time > 0 && { timeout: { seconds: Math.ceil(time / 1000) } }),
    platform,
  });
  const blobs = new Map(input.blobs);
  for (const content of [command, action]) {
    const digest = digestBytes(content);
    blobs.set(digest.hash, { digest, content });
  }
  return { digest: digestBytes(action), blobs };
}

/** The API wants properties and variables sorted by their names. */
function listProperties(values: Readonly<Record<string, string>>): Message<'Property'>[] {
  return Object.entries(values)
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, value]) => ({ name, value }));
}
