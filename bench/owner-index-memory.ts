/**
 * Runs in its own process, so that nothing else counts. Arguments: root, cache folder. Prints the number of bytes by
 * which reopening the index makes it grow.
 */
import { readLinkOnMachine } from '../server/src/installed/file-tree.ts';
import { readInstallation } from '../server/src/installed/installation.ts';
import { createPathResolver } from '../server/src/installed/path-resolver.ts';

const [root = '', cacheFolder = ''] = process.argv.slice(2);
const folders = ['etc', 'usr', 'var'].map((name) => ({ target: `/${name}`, source: `${root}/${name}` }));
const resolver = createPathResolver({ path: root, folders, links: [] }, readLinkOnMachine);
const before = process.memoryUsage.rss();
const { index } = await readInstallation({ root, resolver, cacheFolder });
index.ownerOf('/usr/bin/x');
console.log(process.memoryUsage.rss() - before);
