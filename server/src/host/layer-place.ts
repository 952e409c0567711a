const OF_LAYER = /\/layers\/(?:packages|stacks)\/[0-9a-f]{40}\//;

/**
 * Whether a path of this machine is in a layer. Its content never changes, as the name of its folder says. Its times and inode say nothing:
 * they change whenever another layer gets the same file.
 */
export function isOfLayer(path: string): boolean {
  return OF_LAYER.test(path);
}
