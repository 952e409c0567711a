import { workspace } from 'vscode';

/** The section of the settings; their names, types and defaults are in the manifest, and the server reads their values. */
export const SECTION = 'ebuildAudit';

/** The settings for a server that cannot ask for them. */
export function currentSettings(): Record<string, unknown> {
  return { ...workspace.getConfiguration(SECTION) };
}
