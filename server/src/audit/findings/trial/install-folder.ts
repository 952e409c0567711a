import type { Probe } from '../../record.ts';

/** The functions of Gentoo's eclasses that print the folders in which other packages expect files, by pkg-config module. */
const FUNCTIONS: Readonly<Record<string, string>> = {
  'bash-completion': '$(get_bashcompdir) of shell-completion.eclass',
  fish: '$(get_fishcompdir) of shell-completion.eclass',
  systemd: '$(systemd_get_systemunitdir) of systemd.eclass',
  udev: '$(get_udevdir) of udev.eclass',
};

/** Two clauses: what to do, and why. */
interface FolderAdvice {
  readonly remedy: string;
  readonly reason: string;
}

/**
 * The advice for a package whose .pc file the build asks only for a folder to install into: the folder is known without the package.
 *
 * @returns undefined if the build asks it for more
 */
export function adviseFolder({ asksOnlyVariables, evidence }: Probe): FolderAdvice | undefined {
  if (asksOnlyVariables !== true) return undefined;
  const modules = evidence.flatMap(({ path }) => /([^/]+)\.pc$/.exec(path)?.[1] ?? []);
  const known = modules.find((module) => FUNCTIONS[module] !== undefined);
  const folder = known === undefined ? 'that folder' : FUNCTIONS[known];
  return {
    remedy: `pass ${folder} to the build, so that no dependency is needed`,
    reason: `the build only asks ${known ?? modules[0] ?? 'it'}.pc for a folder`,
  };
}
