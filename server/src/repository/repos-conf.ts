/**
 * The locations of all repositories that a `repos.conf` names (portage(5)). Only `location` is read here: what a repository
 * means is the package manager's to say.
 */
export function readRepositoryLocations(reposConf: string): string[] {
  const locations: string[] = [];
  for (const line of reposConf.split('\n')) {
    const location = /^\s*location\s*[=:]\s*(.*?)\s*$/.exec(line)?.[1];
    if (location?.startsWith('/')) locations.push(location.replace(/\/+$/, ''));
  }
  return [...new Set(locations)];
}
