import { readdirSync, readFileSync } from 'node:fs';
import type { Machine } from './dpkg.ts';
import type { InstalledPath } from './installed-files.ts';

/** A name that several packages can provide, as a file of dpkg's folder `alternatives` describes it (update-alternatives(1)). */
interface Alternative {
  /** The name below /etc/alternatives and the link to it: first its own, then those that follow it. */
  readonly links: readonly { readonly name: string; readonly link: string }[];
  /** Each with the files that the links lead to, in the same order; an empty one is not there. */
  readonly choices: readonly { readonly priority: number; readonly files: readonly string[] }[];
}

/** What CONTENTS says of links that no package has; the machine made them when the package was installed. */
const MODIFIED = 1;

/**
 * The links of update-alternatives(1): for each name the choice of highest priority whose file is `isThere`. What somebody has chosen on this
 * machine and choices of other packages make no difference.
 *
 * @param canonical gives the name that a path has in the root
 */
export function alternativeLinks(
  machine: Machine,
  isThere: (path: string) => boolean,
  canonical: (path: string) => string,
): InstalledPath[] {
  const folder = `${machine.dpkg}/alternatives`;
  const isFileThere = (file: string): boolean => file !== '' && isThere(canonical(file));
  return listNames(folder).flatMap((name) => {
    const { links, choices } = parseAlternative(name, readFileSync(`${folder}/${name}`, 'utf8'));
    const [best] = choices
      .filter(({ files: [file = ''] }) => isFileThere(file))
      .sort((a, b) => b.priority - a.priority || ((a.files[0] ?? '') < (b.files[0] ?? '') ? -1 : 1));
    return links.flatMap(({ name: alternative, link }, index) => {
      const file = best?.files[index] ?? '';
      if (!isFileThere(file)) return [];
      const through = `/etc/alternatives/${alternative}`;
      return [linkTo(canonical(link), through), linkTo(through, file)];
    });
  });
}

function linkTo(path: string, target: string): InstalledPath {
  return { path, kind: 'sym', target, modified: MODIFIED, mode: 0o777 };
}

function listNames(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

function parseAlternative(name: string, text: string): Alternative {
  const [, link = '', ...lines] = text.split('\n');
  const links = [{ name, link }];
  let at = 0;
  for (; lines[at]; at += 2) links.push({ name: lines[at] ?? '', link: lines[at + 1] ?? '' });
  const choices: { priority: number; files: readonly string[] }[] = [];
  for (at += 1; lines[at]; at += 1 + links.length) {
    const [file = '', priority = '', ...followers] = lines.slice(at, at + 1 + links.length);
    choices.push({ priority: Number(priority), files: [file, ...followers] });
  }
  return { links, choices };
}
