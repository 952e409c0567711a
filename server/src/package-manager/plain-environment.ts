/**
 * The environment of every command in the sandbox: the root's programs, and output without colours in one language.
 */
export const PLAIN_ENVIRONMENT = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  LC_ALL: 'C.UTF-8',
  TERM: 'dumb',
  // https://no-color.org/; Portage has a name of its own (make.conf(5)).
  NO_COLOR: '1',
  NOCOLOR: 'true',
} as const;

/**
 * What else the builds of every machine have in common, so that their images can agree: the time that tools write in place of the real one
 * (reproducible-builds.org, SOURCE_DATE_EPOCH; 2024-01-01), the time zone, and the name of the user.
 */
export const BUILD_ENVIRONMENT = {
  SOURCE_DATE_EPOCH: '1704067200',
  TZ: 'UTC',
  USER: 'root',
  LOGNAME: 'root',
} as const;
