import type { NamedKind } from '../../audit/record.ts';

/**
 * Distributions of Python that upstream often requires and Gentoo's packages often leave out, in their normal form: tools for building and
 * testing, and what newer versions of Python have themselves.
 */
const PYTHON: ReadonlySet<string> = new Set([
  ...['setuptools', 'pip', 'wheel', 'distribute', 'pbr', 'setuptools-scm', 'build'],
  ...['pytest', 'pytest-runner', 'pytest-cov', 'nose', 'tox', 'coverage', 'mock', 'unittest2'],
  ...['argparse', 'asyncio', 'backports-zoneinfo', 'configparser', 'contextvars', 'dataclasses', 'enum34'],
  ...['functools32', 'funcsigs', 'futures', 'importlib-metadata', 'importlib-resources', 'ipaddress'],
  ...['ordereddict', 'pathlib', 'pathlib2', 'singledispatch', 'typing'],
]);

/** Modules of Perl for building and testing, which old distributions of Perl require at run time because they know no other time. */
const PERL = /^(?:Test2?|ExtUtils|Module::(?:Build|Install)|inc|Devel::CheckLib)(?:::|$)/;

/**
 * Whether a requirement of upstream's metadata is no proof that the package is needed. What modules import of it counts all the same.
 *
 * @param wanted see `NamedKind`
 */
export function isDoubtful(kind: NamedKind, wanted: string): boolean {
  if (kind === 'python-metadata') return PYTHON.has(wanted) || /^types-/.test(wanted);
  return kind === 'perl-metadata' && PERL.test(wanted);
}
