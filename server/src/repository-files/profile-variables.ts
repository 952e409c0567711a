import type { Word } from '../language/words/word.ts';

/** The variables of make.defaults (PMS 5.3). */
const PROFILE_VARIABLES: readonly Word[] = (
  [
    [
      'ARCH',
      'The architecture of the profile. It is a flag of every ebuild, and must not be changed further below.',
    ],
    ['CONFIG_PROTECT', 'The folders whose files a merge does not overwrite.'],
    ['CONFIG_PROTECT_MASK', 'The folders below those of `CONFIG_PROTECT` whose files a merge overwrites.'],
    ['ENV_UNSET', 'The variables that no ebuild gets from the environment.'],
    ['IUSE_IMPLICIT', 'The flags that every ebuild may use without naming them in `IUSE`.'],
    ['USE', 'The flags that the profile enables.'],
    [
      'USE_EXPAND',
      'The variables whose words become flags with the name of the variable, in lower case, before them.',
    ],
    ['USE_EXPAND_HIDDEN', 'The variables of `USE_EXPAND` that are not shown to users.'],
    [
      'USE_EXPAND_IMPLICIT',
      'The variables of which every ebuild may use the flags without naming them in `IUSE`.',
    ],
    ['USE_EXPAND_UNPREFIXED', 'The variables whose words become flags as they are, such as `ARCH`.'],
    ['PROFILE_ONLY_VARIABLES', 'The variables that users cannot set (make.conf(5)).'],
    ['BOOTSTRAP_USE', 'The flags with which a stage1 is built (make.conf(5)).'],
  ] as const
).map(([name, summary]) => ({ name, kind: 'variable', summary, section: '5.3' }));

const BY_NAME = new Map(PROFILE_VARIABLES.map((word) => [word.name, word]));

/** The variable of make.defaults of this name. */
export function findProfileVariable(name: string): Word | undefined {
  const values = /^USE_EXPAND_VALUES_(\w+)$/.exec(name)?.[1];
  if (values === undefined) return BY_NAME.get(name);
  const summary = `The words that \`${values}\` may have; with its prefix they are flags that every ebuild may use.`;
  return { name, kind: 'variable', summary, section: '5.3' };
}
