import type { Uri } from 'vscode';

/** The name of a file without its folder. */
export function fileName({ path }: Pick<Uri, 'path'>): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
