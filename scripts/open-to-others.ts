import { chmodSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Makes a folder readable for all, because an unprivileged user builds for root, and a checkout may not be readable. */
export function openToOthers(folder: string): void {
  chmodSync(folder, 0o755);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) openToOthers(path);
    else chmodSync(path, 0o644);
  }
}
