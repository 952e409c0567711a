import { AUDIT_TARGETS } from './audit-targets.ts';
import { CHECK_TARGETS } from './check-targets.ts';
import { EBUILD_TARGETS } from './ebuild-targets.ts';
import { IMAGE_TARGETS } from './image-targets.ts';
import { INSTALLED_TARGETS } from './installed-targets.ts';
import { LOG_TARGETS } from './log-targets.ts';
import { NAVIGATION_TARGETS } from './navigation-targets.ts';
import { OUTLINE_TARGETS } from './outline-targets.ts';
import { PMS_TARGETS } from './pms-targets.ts';
import { REPOSITORY_TARGETS } from './repository-targets.ts';
import { SANDBOX_TARGETS } from './sandbox-targets.ts';
import { SHARING_TARGETS } from './sharing-targets.ts';
import { STORED_TARGETS } from './stored-targets.ts';
import type { FuzzTarget } from './target.ts';

/** Every parser of the product. Each room's are in a file of its own. */
export const TARGETS: readonly FuzzTarget[] = [
  ...PMS_TARGETS,
  ...EBUILD_TARGETS,
  ...OUTLINE_TARGETS,
  ...REPOSITORY_TARGETS,
  ...INSTALLED_TARGETS,
  ...AUDIT_TARGETS,
  ...NAVIGATION_TARGETS,
  ...CHECK_TARGETS,
  ...SANDBOX_TARGETS,
  ...IMAGE_TARGETS,
  ...LOG_TARGETS,
  ...STORED_TARGETS,
  ...SHARING_TARGETS,
];
