import { GIT_PLACE, openBranch } from './git-store.ts';
import { type ObjectStore, openFolder, openServer, STORE_PATIENCE } from './object-store.ts';

/**
 * Opens a store of records.
 *
 * @param place a folder, the address of a server, or `git:FOLDER#BRANCH`
 * @param patience for one request to a server, in milliseconds
 */
export function openObjectStore(place: string, patience = STORE_PATIENCE): ObjectStore {
  if (/^https?:\/\//i.test(place)) return openServer(place, patience);
  return GIT_PLACE.test(place) ? openBranch(place) : openFolder(place);
}
