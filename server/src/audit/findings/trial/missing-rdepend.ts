import type { Finding } from '../../finding.ts';
import type { Naming } from '../../record.ts';
import type { TrialSubject } from '../../trial-subject.ts';
import { findMissing } from './missing.ts';

/**
 * `missing-rdepend`: an installed file needs a package that RDEPEND does not bring. An ELF file links it (DT_NEEDED), a script names its
 * program as interpreter, a .pc file requires one of its .pc files, or a file loads or runs it by its name or is metadata that requires it,
 * which is a warning: only a run proves it. RDEPEND lists packages that must be installed to run (PMS 8.1).
 */
export function findMissingRdepend(subject: TrialSubject): Finding[] {
  return findMissing('missing-rdepend', 'RDEPEND', subject, ({ evidence: [evidence], named }, name) => {
    const user = evidence?.program ?? 'an installed file';
    if (named !== undefined) return `${user} ${describeNaming(named, name)}`;
    const path = evidence?.path ?? 'a library';
    return `${user} ${describeRelation(evidence?.operation, path, user)} of ${name}`;
  });
}

/** A file that only the interpreter of its language loads. */
const MODULE = /\/(?:(?:site|dist)-packages|perl5?|ruby|lua)\/.*\.(?:py|pm|rb|lua|so)$/;

function describeRelation(operation: string | undefined, path: string, user: string): string {
  if (operation === 'execute') return `is ${MODULE.test(user) ? 'loaded by' : 'run with'} ${path}`;
  return operation === 'link' || operation === undefined ? `links ${path}` : `needs ${path}`;
}

/** Says how a file names something of a package, e.g. `imports toml of dev-python/toml whenever it is loaded`. */
function describeNaming({ kind, wanted, ground, stated }: Naming, name: string): string {
  const what = `${wanted} of ${name}`;
  switch (kind) {
    case 'soname':
      return `names ${what}, which it probably loads by dlopen because ${GROUNDS[ground ?? 'declared']}`;
    case 'dlopen-note':
      return `says in its .note.dlopen that it requires ${what}`;
    case 'typelib':
      return `needs the namespace ${what} for GObject introspection`;
    case 'python':
      return `imports ${what} whenever it is loaded`;
    case 'perl':
      return `uses ${what} whenever it is loaded`;
    case 'ruby':
      return `requires ${what} whenever it is loaded`;
    case 'qml':
      return `imports the QML module ${what}`;
    case 'python-metadata':
    case 'perl-metadata':
      return stated === undefined || stated === wanted
        ? `requires ${what}`
        : `requires ${stated}, of ${name}`;
    case 'command':
      return `runs ${what}`;
  }
}

const GROUNDS: Readonly<Record<NonNullable<Naming['ground']>, string>> = {
  headers: 'the build used its headers',
  test: 'src_test loaded it',
  run: 'the build ran it',
  declared: 'the ebuild declares it for its build',
};
