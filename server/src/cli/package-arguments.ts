/** The options of `trial` for binary packages. */
import { type Command, Option } from 'commander';

/** The options of `trial` for binary packages. */
export interface PackageFlags {
  /** A folder; empty for that of the state folder. */
  readonly buildpkg?: string;
  /** The file of a private key. */
  readonly key?: string;
}

/** Adds `--buildpkg` and `--key`. */
export function addPackageOptions(trial: Command): void {
  trial
    .addOption(
      new Option(
        '--buildpkg [folder]',
        'write what was verified as a binary package (gpkg), by default into the state folder; several ebuilds are tried in the order of their dependencies',
      ).conflicts(['trust', 'remote']),
    )
    .option('--key <file>', 'with --buildpkg, sign the record in the package with this private key');
}

/** Ends the process with a message if the options for binary packages do not go together. */
export function checkPackageFlags(
  trial: Command,
  { buildpkg, key, verify, fix }: PackageFlags & { readonly verify?: true; readonly fix?: true },
): void {
  if (key !== undefined && buildpkg === undefined)
    trial.error('error: --key signs the record in a binary package: give --buildpkg as well.');
  if (buildpkg !== undefined && verify && !fix)
    trial.error(
      'error: --verify without --fix tries a text that no file has, and --buildpkg packs what a file has: give --fix as well.',
    );
}
