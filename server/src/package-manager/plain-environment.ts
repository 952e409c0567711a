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
