import { CHECK_TARGETS } from './check-targets.ts';
import { EBUILD_TARGETS } from './ebuild-targets.ts';
import { PMS_TARGETS } from './pms-targets.ts';
import { REPOSITORY_TARGETS } from './repository-targets.ts';
import type { FuzzTarget } from './target.ts';

/** Every parser of the product. Each room's are in a file of its own. */
export const TARGETS: readonly FuzzTarget[] = [
  ...PMS_TARGETS,
  ...EBUILD_TARGETS,
  ...REPOSITORY_TARGETS,
  ...CHECK_TARGETS,
];
