import { decode } from '../../server/src/reapi/encoding.ts';
import type { MerkleTree } from '../../server/src/remote/merkle/input-tree.ts';

/** The paths of a tree below a folder, sorted: folders end in a slash, and links have an arrow. @param withMarks `*`: executable; `@`: the time */
export function readTree({ root, blobs }: MerkleTree, below: string, withMarks = false): string[] {
  const paths: string[] = [];
  const read = (hash: string, path: string): void => {
    const content = blobs.get(hash)?.content as Uint8Array;
    const { files = [], directories = [], symlinks = [] } = decode('Directory', content);
    for (const { name, digest } of directories) {
      paths.push(`${path}${name}/`);
      read(digest?.hash ?? '', `${path}${name}/`);
    }
    for (const { name, target } of symlinks) paths.push(`${path}${name} -> ${target}`);
    for (const { name, isExecutable, nodeProperties } of files) {
      const time = nodeProperties?.mtime?.seconds;
      const marks = `${isExecutable === true ? ' *' : ''}${time === undefined ? '' : ` @${time}`}`;
      paths.push(`${path}${name}${withMarks ? marks : ''}`);
    }
  };
  read(root.hash, '/');
  const start = `${below}/`;
  return paths
    .filter((path) => path.startsWith(start) && path !== start)
    .map((path) => path.slice(start.length))
    .sort();
}
