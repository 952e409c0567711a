/** A folder of an earlier step cannot be renamed (overlayfs, "Renaming directories"). */
const CANNOT_RENAME = /Invalid cross-device link|\bEXDEV\b|os error 18\b/;
/** Files that an earlier step put into /tmp are gone. */
const MISSING = 'No such file or directory';
const TEMPORARY = /(?:^|[\s'"`‘(:])\/(?:var\/)?tmp\//;

/**
 * Whether the output of a failed build has an error that only occurs because the build is cut into steps. Takes a time in proportion to the
 * length of the output.
 */
export function isSpoiltBySteps(output: string): boolean {
  return output
    .split('\n')
    .some((line) => CANNOT_RENAME.test(line) || (line.includes(MISSING) && TEMPORARY.test(line)));
}
