/**
 * Asks an atom for a flag more (PMS 8.3.4): `a/b[x]` and `y?` become `a/b[x,y?]`.
 *
 * @param atom as it is written in an ebuild, perhaps with expansions
 * @param asked a USE dependency without brackets, or an expansion such as `${PYTHON_USEDEP}`
 */
export function withUseDependency(atom: string, asked: string): string {
  return atom.endsWith(']') ? `${atom.slice(0, -1)},${asked}]` : `${atom}[${asked}]`;
}
