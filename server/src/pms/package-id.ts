/** `category/name-version`, as a reader looks for the package in the VDB: `media-libs/libpng-1.6.39`. */
export function packageId({
  category,
  name,
  version,
}: {
  readonly category: string;
  readonly name: string;
  readonly version: string;
}): string {
  return `${category}/${name}-${version}`;
}
