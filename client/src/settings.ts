import { workspace } from 'vscode';

/** The section of the settings. The manifest has their names, types and defaults; the server reads their values. */
export const SECTION = 'ebuildAudit';

/** The current settings, for a server that cannot request them. */
export function currentSettings(): Record<string, unknown> {
  return { ...workspace.getConfiguration(SECTION) };
}
