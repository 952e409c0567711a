import {
  copyFileSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';

/** Entries of /etc that a build has no business with, though some of their files are readable by all. */
const PRIVATE = new Set([
  'apt',
  'cron.d',
  'gshadow',
  'gshadow-',
  'hostname',
  'machine-id',
  'pam.d',
  'passwd-',
  'group-',
  'portage',
  'security',
  'shadow',
  'shadow-',
  'ssh',
  'subgid',
  'subuid',
  'sudoers',
  'sudoers.d',
  'systemd',
]);

const LARGEST_FILE = 4 * 1024 * 1024;

/** Copies what everyone may read of `source` (the machine's /etc) to `target`; links are copied as links. */
export function copyEtc(source: string, target: string): void {
  copyFolder(source, target, PRIVATE);
}

function copyFolder(source: string, target: string, leaveOut: ReadonlySet<string>): void {
  mkdirSync(target, { recursive: true });
  for (const name of readdirSync(source)) {
    if (leaveOut.has(name)) continue;
    const from = `${source}/${name}`;
    const status = lstatSync(from, { throwIfNoEntry: false });
    if (status === undefined) continue;
    if (status.isSymbolicLink()) symlinkSync(readlinkSync(from), `${target}/${name}`);
    else if (status.isDirectory() && (status.mode & 0o005) === 0o005)
      copyFolder(from, `${target}/${name}`, new Set());
    else if (status.isFile() && (status.mode & 0o004) !== 0 && status.size <= LARGEST_FILE) {
      copyFileSync(from, `${target}/${name}`);
    }
  }
}

/** Adds the `portage` user and group that Portage looks up, as Gentoo's acct-user/portage has them. */
export function addPortageUser(etc: string): void {
  addLine(`${etc}/passwd`, 'portage:x:250:250:System user; portage:/var/lib/portage/home:/sbin/nologin');
  addLine(`${etc}/group`, 'portage:x:250:portage');
}

function addLine(file: string, line: string): void {
  const text = readFileSync(file, 'utf8');
  if (/^portage:/m.test(text)) return;
  writeFileSync(file, `${text.replace(/\n*$/, '\n')}${line}\n`);
}
