import type { FuzzTarget } from './target.ts';

/** Every parser of the product. Each room's are in a file of its own. */
export const TARGETS: readonly FuzzTarget[] = [];
