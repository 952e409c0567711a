/** Limits in characters: imports are at the beginning of a file. */
const HEAD = 64 * 1024;

/** Reads the modules that a QML file imports, as `QtQuick.Controls 2.15` or, without a version, `QtQuick.Controls`. Total. */
export function readQmlImports(text: string): string[] {
  const found = new Set<string>();
  let isComment = false;
  for (const line of text.slice(0, HEAD).split('\n')) {
    if (isComment) isComment = !line.includes('*/');
    else if (/^\s*\/\*/.test(line)) isComment = !line.includes('*/');
    else if (/^\s*[A-Za-z_][\w.]*\s*\{/.test(line)) break;
    else {
      const [, module, version] =
        /^\s*import\s+([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)(?:\s+(\d+(?:\.\d+)?))?(?:\s+as\s+\w+)?\s*(?:;|\/\/.*)?$/.exec(
          line.trimEnd(),
        ) ?? [];
      if (module !== undefined) found.add(version === undefined ? module : `${module} ${version}`);
    }
  }
  return [...found];
}
