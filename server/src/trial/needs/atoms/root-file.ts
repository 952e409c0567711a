import type { RootState } from '../../../host/root-state.ts';
import { locateOnMachine } from '../../../installed/root-layout.ts';
import { readVdbFile } from '../../../installed/vdb.ts';

/** Reads a file of the root, following links as the root itself would; empty if it cannot be read. */
export function readRootText(path: string, root: Pick<RootState, 'layout' | 'resolver'>): string {
  const place = locateOnMachine(root.layout, root.resolver.resolve(path).path);
  return (place === undefined ? undefined : readVdbFile(place)?.toString('utf8')) ?? '';
}
