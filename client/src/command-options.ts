import type { WorkspaceConfiguration } from 'vscode';

/** The section of the settings. */
export type Settings = Pick<WorkspaceConfiguration, 'get'>;

const LIMITS = ['processes', 'memory', 'disk', 'files', 'output', 'time'] as const;

/** Lists the options of every command that builds, as the settings have them. */
export function listBuildOptions(settings: Settings): string[] {
  return [
    ...optionOf(settings, '--root', 'root'),
    ...optionOf(settings, '--package-manager', 'packageManager'),
    ...optionOf(settings, '--build-jobs', 'buildJobs'),
    ...optionOf(settings, '--bwrap', 'bwrap'),
    ...LIMITS.flatMap((name) => {
      const value = settings.get<string>(`limits.${name}`);
      return value ? ['--limit', `${name}=${value}`] : [];
    }),
  ];
}

/** An option with the value of a setting; empty if that has none. */
export function optionOf(settings: Settings, option: string, setting: string): string[] {
  const value = settings.get<string | number>(setting);
  return value === undefined || value === '' ? [] : [option, String(value)];
}
