/** Messages, lists and details may have links and icons. Words of a build or of a repository must not make any. */
export function asPlain(text: string): string {
  return text.replaceAll('](', '] (').replaceAll('$(', '$ (');
}
