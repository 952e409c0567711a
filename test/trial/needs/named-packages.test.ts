import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type RootState, readRootState, toRecorded } from '../../../server/src/host/root-state.ts';
import { readImageNeeds } from '../../../server/src/image/image-needs.ts';
import type { InstalledPackage } from '../../../server/src/installed/vdb.ts';
import type { VisiblePackage } from '../../../server/src/installed/visible-set.ts';
import { parseDependency } from '../../../server/src/pms/dependency.ts';
import type { Denial } from '../../../server/src/trace/denial.ts';
import type { PathClass } from '../../../server/src/trace/path-class.ts';
import { describeNamed, findNamed } from '../../../server/src/trial/needs/named-packages.ts';
import { findOwners, listUnowned } from '../../../server/src/trial/needs/owned-need.ts';
import { listPerlRequirements } from '../../../server/src/trial/needs/perl-requirements.ts';
import { createRuntimeLicence } from '../../../server/src/trial/needs/runtime-licence.ts';
import { readPerlPrerequisites } from '../../../server/src/trial/reading/perl-prerequisites.ts';
import { contentsOf } from '../../support/installed-package.ts';

const SITE = '/usr/lib/python3.12/site-packages';
const QML = '/usr/lib64/qt6/qml';
const GEMS = '/usr/lib64/ruby/gems/3.2.0/gems';

const top = mkdtempSync(join(tmpdir(), 'named-packages-'));
afterAll(() => rmSync(top, { recursive: true }));

const put = (path: string, content: string | Buffer = '', mode = 0o644) => {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  chmodSync(path, mode);
};

let root: RootState;
beforeAll(async () => {
  const install = (id: string, paths: readonly string[], rdepend = '') => {
    put(join(top, `root/var/db/pkg/${id}/CONTENTS`), contentsOf(paths));
    put(join(top, `root/var/db/pkg/${id}/SLOT`), '0\n');
    put(join(top, `root/var/db/pkg/${id}/RDEPEND`), `${rdepend}\n`);
    for (const path of paths) {
      const [file = '', target] = path.split(' -> ');
      if (path.endsWith('/')) mkdirSync(join(top, 'root', path), { recursive: true });
      else if (target === undefined) put(join(top, 'root', file));
      else symlinkSync(target, join(top, 'root', file));
    }
  };
  const folders = (...paths: string[]) => paths.map((path) => `${path}/`);
  install('sys-libs/glibc-2.40', [...folders('/usr/lib64'), '/usr/lib64/libc.so.6']);
  install('app-shells/bash-5', [...folders('/usr/bin'), '/usr/bin/bash', '/usr/bin/sh']);
  install('sys-apps/coreutils-9', ['/usr/bin/cat']);
  install('dev-lang/python-3.12', [
    ...folders('/usr/lib/python3.12', '/usr/lib/python3.12/lib-dynload', SITE),
    '/usr/bin/python3',
    '/usr/lib/python3.12/os.py',
    '/usr/lib/python3.12/lib-dynload/_json.cpython-312-x86_64-linux-gnu.so',
    '/usr/lib/python3.12/lib-dynload/zoneless.cpython-312-x86_64-linux-gnu.so',
  ]);
  install(
    'dev-python/toml-1',
    [...folders(SITE, `${SITE}/toml`), `${SITE}/toml/__init__.py`],
    'dev-python/six',
  );
  install('dev-python/six-1', [`${SITE}/six.py`]);
  install('dev-python/dist-2', [
    ...folders(`${SITE}/Dist_Other-2.dist-info`),
    `${SITE}/Dist_Other-2.dist-info/METADATA`,
  ]);
  install('dev-python/setuptools-66', [`${SITE}/setuptools-66-py3.12.egg-info`]);
  install('dev-python/native-1', [`${SITE}/native.cpython-312-x86_64-linux-gnu.so`]);
  install('dev-python/ns-one-1', [...folders(`${SITE}/ns`, `${SITE}/ns/one`), `${SITE}/ns/one/__init__.py`]);
  install('dev-python/numpy-1', [...folders(`${SITE}/numpy`), `${SITE}/numpy/__init__.py`]);
  const perl = '/usr/lib64/perl5';
  install('dev-lang/perl-5.40', [
    ...folders(`${perl}/5.40`, `${perl}/5.40/x86_64-linux`),
    '/usr/bin/perl',
    `${perl}/5.40/Carp.pm`,
    `${perl}/5.40/x86_64-linux/POSIX.pm`,
  ]);
  install('dev-perl/JSON-XS-4', [
    ...folders(
      `${perl}/vendor_perl/5.40`,
      `${perl}/vendor_perl/5.40/x86_64-linux`,
      `${perl}/vendor_perl/5.40/x86_64-linux/JSON`,
    ),
    `${perl}/vendor_perl/5.40/x86_64-linux/JSON/XS.pm`,
  ]);
  install('dev-lang/ruby-3.2', [
    ...folders('/usr/lib64/ruby/3.2.0'),
    '/usr/bin/ruby',
    '/usr/lib64/ruby/3.2.0/json.rb',
  ]);
  install('dev-ruby/nokogiri-1', [
    ...folders(`${GEMS}/nokogiri-1/lib`),
    `${GEMS}/nokogiri-1/lib/nokogiri.rb`,
  ]);
  install('media-libs/giflib-5', ['/usr/lib64/libgif.so.7', '/usr/include/gif_lib.h']);
  install('media-libs/other-1', ['/usr/lib64/libother.so.1']);
  install('sys-devel/llvm-17', [
    ...folders('/usr/lib/llvm/17/lib64'),
    '/usr/lib/llvm/17/lib64/libLLVM.so.17',
  ]);
  install('app-misc/jq-1', ['/usr/bin/jq']);
  install('dev-util/pkgconf-2', ['/usr/bin/pkg-config']);
  const gi = '/usr/lib64/girepository-1.0';
  install('dev-libs/glib-2', [...folders(gi), `${gi}/Gio-2.0.typelib`]);
  install('x11-libs/gtk+-3', [`${gi}/Gtk-3.0.typelib`], 'dev-libs/glib');
  install('dev-qt/qtdeclarative-6', [
    ...folders(QML, `${QML}/QtQuick/Controls`),
    `${QML}/QtQuick/Controls/qmldir`,
  ]);
  install('app-misc/foo-0', ['/usr/lib64/libfoo.so.0', `${SITE}/oldfoo.py`]);
  root = await readRootState(join(top, 'root'), join(top, 'cache'));
});

const image = join(top, 'image');
beforeEach(() => rmSync(image, { recursive: true, force: true }));

const script = (path: string, text: string) => put(join(image, path), text, 0o755);
const file = (path: string, text: string | Buffer = '') => put(join(image, path), text);
const compile = (path: string, source: string, ...flags: string[]) => {
  const from = join(top, 'source.c');
  writeFileSync(from, source);
  mkdirSync(dirname(join(image, path)), { recursive: true });
  execFileSync('cc', [from, '-o', join(image, path), ...flags]);
};
const OPENS = (name: string) =>
  `#include <dlfcn.h>\nint main(void) { return dlopen("${name}", RTLD_LAZY) == 0; }`;

interface Told {
  readonly rdepend?: string;
  /** Packages and how the build used them. */
  readonly used?: Readonly<Record<string, PathClass>>;
  readonly declared?: readonly string[];
  /** A package whose library src_test asked for. */
  readonly tested?: readonly [name: string, path: string];
  /** `prereqs.runtime.requires` of MYMETA.json, and the text of Makefile.PL. */
  readonly requires?: object;
  readonly script?: string;
}

const find = (name: string): InstalledPackage => {
  const [found] = root.lookup.get(name) ?? [];
  if (found === undefined) throw new Error(name);
  return found;
};

/** `needs ATOM`, `may need ATOM`, `can do without ATOM`, `nobody has NAME`, in the order of their atoms. */
function tell({
  rdepend = '',
  used = {},
  declared = [],
  tested,
  requires,
  script: script_,
}: Told = {}): string[] {
  const { needs, named } = readImageNeeds(image);
  const system = ['sys-libs/glibc', 'app-shells/bash', 'sys-apps/coreutils'];
  const licence = createRuntimeLicence(root, parseDependency(rdepend).nodes, system, 'app-misc/foo');
  const owned = findOwners(needs, root);
  const visible = new Map<InstalledPackage, VisiblePackage>(
    declared.map((name) => [find(name), { visibility: 'full', reason: 'declared', broughtBy: [] }]),
  );
  const required: Denial[] = [tested ?? []].flatMap(([name, path]) => {
    if (name === undefined || path === undefined) return [];
    const seen = {
      phase: 'test',
      program: 'prog',
      chain: [],
      operation: 'read',
      path,
      result: 'denied',
      count: 1,
    } as const;
    return [
      {
        package: toRecorded(find(name)),
        phase: 'test',
        variable: 'BDEPEND',
        evidence: [seen],
        first: 0,
        last: 1,
        kinds: [],
        bounds: [],
        weak: false,
      },
    ];
  });
  const mymeta = JSON.stringify({ prereqs: { runtime: { requires } } });
  const perl = [{ path: 'MYMETA.json', requirements: readPerlPrerequisites(mymeta, script_) }];
  const account = describeNamed({
    ...findNamed([...named, ...listPerlRequirements(perl, needs)], root),
    known: new Set(owned.map((need) => need.package)),
    ownLibraries: owned.filter((need) => need.package.name === 'foo'),
    unownedLibraries: listUnowned(needs, root),
    observed: Object.entries(used).map(([name, kind]) => ({
      package: toRecorded(find(name)),
      licence: 'declared',
      kinds: [{ kind, evidence: [] }],
      bounds: [],
    })),
    required,
    visible,
    licence,
    atoms: {
      atomFor: ({ category, name }) => `${category}/${name}`,
      boundsOf: () => [],
      findEclasses: () => [],
      isDeprecated: () => false,
      findOthers: () => [],
    },
    requiredVersions: [],
    itself: 'app-misc/foo',
  });
  return [
    ...account.needs.map(({ atom }) => `needs ${atom}`),
    ...account.named
      .filter((told) => told.licence === undefined)
      .map(({ atom, isOptional }) => `${isOptional ? 'can do without' : 'may need'} ${atom}`),
    ...account.uses.map(
      ({ atom, through, requirement }) => `has ${atom} through ${through?.join()}: ${requirement}`,
    ),
    ...account.unresolved.map(
      ({ wanted, ownPath }) => `${ownPath === undefined ? 'nobody' : 'only an old version'} has ${wanted}`,
    ),
  ].sort();
}

describe('a library that is opened by its name', () => {
  test('is needed if the build used its headers, if src_test loaded it, or if the ebuild declares it', () => {
    compile('usr/bin/prog', OPENS('libgif.so.7'));
    const giflib = 'media-libs/giflib';
    expect(tell({ used: { [giflib]: 'header' } })).toEqual([`needs ${giflib}`]);
    expect(tell({ tested: [giflib, '/usr/lib64/libgif.so.7'] })).toEqual([`needs ${giflib}`]);
    expect(tell({ tested: [giflib, '/usr/share/giflib/data'] })).toEqual([`may need ${giflib}`]);
    expect(tell({ declared: [giflib] })).toEqual([`needs ${giflib}`]);
    expect(tell()).toEqual([`may need ${giflib}`]);
    expect(tell({ rdepend: giflib, used: { [giflib]: 'header' } })).toEqual([]);
  });

  test('may be named with its folder, or by Python', () => {
    compile(
      'usr/lib64/libown.so.1',
      OPENS('/usr/lib64/libgif.so.7').replace('main', 'own'),
      '-shared',
      '-fPIC',
    );
    script('usr/bin/tool', "#!/usr/bin/python3\nfrom ctypes import CDLL\nCDLL('libother.so.1')\n");
    const used = { 'media-libs/giflib': 'header', 'media-libs/other': 'header' } as const;
    expect(tell({ rdepend: 'dev-lang/python', used })).toEqual([
      'needs media-libs/giflib',
      'needs media-libs/other',
      'nobody has ctypes',
    ]);
  });

  test('is nothing if the image brings it, or if nothing can open a library', () => {
    compile(
      'usr/bin/prog',
      'const char *const names[] = {"libgif.so.7"}; int main(void) { return names[0][0] == 0; }',
    );
    expect(tell({ used: { 'media-libs/giflib': 'header' } })).toEqual([]);
    compile('usr/bin/prog', OPENS('libgif.so.7'));
    file('usr/lib64/foo/libgif.so.7');
    expect(tell({ used: { 'media-libs/giflib': 'header' } })).toEqual([]);
  });
});

test('a note says which libraries a file requires, and which it can do without', () => {
  const note = (...entries: object[]) => {
    const text = JSON.stringify(entries);
    return `__attribute__((used, section(".note.dlopen"), aligned(4))) static const struct { int n, d, t; char o[4]; char s[${text.length + 1}]; } note =
      { 4, ${text.length + 1}, 0x407c0c0a, "FDO", ${JSON.stringify(text)} };\n`;
  };
  const source = OPENS('libgif.so.7').replace('int main', `const char *other = "libother.so.1";\nint main`);
  const used = { 'media-libs/giflib': 'header', 'media-libs/other': 'header' } as const;
  const priorities = (gif: string, other: string) =>
    note(
      { soname: ['libgone.so.9', 'libgif.so.7'], feature: 'gif', priority: gif },
      { soname: 'libother.so.1', feature: 'other', priority: other },
    ) + source;
  compile('usr/bin/prog', priorities('required', 'suggested'));
  expect(tell({ used })).toEqual(['can do without media-libs/other', 'needs media-libs/giflib']);
  compile('usr/bin/prog', priorities('recommended', 'required'));
  expect(tell({ used })).toEqual(['can do without media-libs/giflib', 'needs media-libs/other']);
});

describe('a library that is linked', () => {
  const link = (soname: string) => {
    const library = join(top, soname);
    writeFileSync(join(top, 'library.c'), 'int there(void) { return 1; }');
    execFileSync('cc', [join(top, 'library.c'), '-shared', '-fPIC', `-Wl,-soname,${soname}`, '-o', library]);
    compile('usr/bin/prog', 'int there(void); int main(void) { return there(); }', library);
  };

  test('and that nobody has is told', () => {
    link('libnowhere.so.3');
    expect(tell()).toEqual(['nobody has libnowhere.so.3']);
    expect(tell({ rdepend: '|| ( app-misc/jq app-misc/absent )' })).toEqual(['nobody has libnowhere.so.3']);
    expect(tell({ rdepend: 'app-misc/absent' })).toEqual([]);
  });

  test('is nothing if a package has it in a folder of its own', () => {
    link('libLLVM.so.17');
    expect(tell()).toEqual([]);
  });

  test('and that only an old version of the package has is told', () => {
    link('libfoo.so.0');
    expect(tell()).toEqual(['only an old version has libfoo.so.0']);
  });
});

describe('GObject introspection', () => {
  test('needs the namespaces of .gir files, and those that a program asks for', () => {
    file(
      'usr/share/gir-1.0/Foo-1.0.gir',
      '<include name="Gio" version="2.0"/><include name="Own" version="1.0"/>',
    );
    file('usr/lib64/girepository-1.0/Own-1.0.typelib');
    expect(tell()).toEqual(['needs dev-libs/glib']);
    expect(tell({ rdepend: 'dev-libs/glib' })).toEqual([]);
    expect(tell({ rdepend: 'x11-libs/gtk+' })).toEqual([]);
  });

  test('needs what the list of a typelib has', () => {
    const list = 'Gio-2.0|Gone-4';
    const bytes = Buffer.alloc(112 + list.length + 1);
    bytes.write('GOBJ\nMETADATA\r\n\x1a\x04', 'latin1');
    bytes.writeUInt32LE(112, 36);
    bytes.writeUInt32LE(bytes.length, 40);
    bytes.write(list, 112, 'latin1');
    file('usr/lib64/girepository-1.0/Foo-1.0.typelib', bytes);
    expect(tell()).toEqual(['needs dev-libs/glib', 'nobody has Gone-4']);
  });

  test('needs what a program asks for, and not what a module asks for that nothing loads', () => {
    script('usr/bin/prog', '#!/usr/bin/env python3\nimport os\nfrom prog.window import run\n');
    file(`${SITE}/prog/window.py`, "import os\nimport os as gi\ngi.require_version('Gtk', '3.0')\n");
    file(`${SITE}/prog/extra.py`, 'import numpy\n');
    expect(tell({ rdepend: 'dev-lang/python' })).toEqual(['needs x11-libs/gtk+']);
  });
});

test('what bundled files need and nobody has is not told', () => {
  script('usr/bin/prog', '#!/usr/bin/python3\nimport prog\n');
  file('usr/share/prog/_vendor/prog.py', 'import gone\nimport toml\n');
  expect(tell({ rdepend: 'dev-lang/python' })).toEqual(['needs dev-python/toml']);
});

describe('modules', () => {
  const python = { rdepend: 'dev-lang/python' };

  test.each([
    ['import toml', ['needs dev-python/toml']],
    ['import os, toml as t', ['needs dev-python/toml']],
    ['from toml import load', ['needs dev-python/toml']],
    ['import native', ['needs dev-python/native']],
    ['import ns.one', ['needs dev-python/ns-one']],
    ['from ns import one', ['needs dev-python/ns-one']],
    ['from ns.one import (\n  x,\n)', ['needs dev-python/ns-one']],
    ['try:\n    import toml\nexcept ImportError:\n    toml = None', []],
    ['def f():\n    import toml', []],
    ['if True: import os; import toml', []],
    ['"""\nimport toml\n"""', []],
    ['import os, sys, zoneless, _json', []],
    ['import gone', ['nobody has gone']],
    ['import oldfoo', ['only an old version has oldfoo']],
    ['import own', []],
  ])('Python: %j', (text, told) => {
    script('usr/bin/prog', `#!/usr/bin/python3\n${text}\n`);
    file('usr/share/prog/own.py');
    expect(tell(python)).toEqual(told);
  });

  test('that RDEPEND or its closure brings are no finding, and nobody is sure of those that an absent package may bring', () => {
    script('usr/bin/prog', '#!/usr/bin/python3\nimport toml\nimport six\nimport gone\n');
    expect(tell({ rdepend: 'dev-lang/python dev-python/toml dev-python/absent' })).toEqual([]);
  });

  test('count in a library if everybody loads them, in a console script, and never in tests', () => {
    file(`${SITE}/lib/__init__.py`, 'from .core import f\n');
    file(`${SITE}/lib/core.py`, 'import toml\n');
    file(`${SITE}/lib/extra/__init__.py`, '');
    file(`${SITE}/lib/extra/numpy.py`, 'import numpy\n');
    file(`${SITE}/tests/__init__.py`, 'import six\n');
    expect(tell(python)).toEqual(['needs dev-python/toml']);
    file(`${SITE}/lib-1.dist-info/entry_points.txt`, '[console_scripts]\nlib = lib.extra.numpy:main\n');
    expect(tell(python)).toEqual(['needs dev-python/numpy', 'needs dev-python/toml']);
  });

  test('of Perl', () => {
    script(
      'usr/bin/prog',
      '#!/usr/bin/perl\nuse strict;\nuse POSIX;\nuse Carp;\nuse JSON::XS qw(x);\nuse Own::Part;\neval { require Gone; };\n',
    );
    file('usr/share/prog/Own/Part.pm', 'package Own::Part;\nuse Gone::Deep;\n1;\n');
    expect(tell({ rdepend: 'dev-lang/perl' })).toEqual(['needs dev-perl/JSON-XS', 'nobody has Gone::Deep']);
  });

  test('of Ruby', () => {
    script('usr/bin/prog', "#!/usr/bin/ruby\nrequire 'json'\nrequire 'nokogiri'\nrequire 'own/part'\n");
    file(`${GEMS}/own-1/lib/own/part.rb`, "begin\n  require 'gone'\nrescue LoadError\nend\n");
    expect(tell({ rdepend: 'dev-lang/ruby' })).toEqual(['needs dev-ruby/nokogiri']);
  });

  test('of QML', () => {
    file('usr/share/prog/main.qml', 'import QtQuick.Controls 2.15\nimport org.gone\nItem {}\n');
    expect(tell()).toEqual(['needs dev-qt/qtdeclarative']);
  });
});

describe('upstream metadata', () => {
  const PERL = '/usr/lib64/perl5/vendor_perl/5.40';
  const metadata = (...requirements: string[]) =>
    file(
      `${SITE}/own-1.dist-info/METADATA`,
      `Name: own\n${requirements.map((text) => `Requires-Dist: ${text}\n`).join('')}\n`,
    );
  const python = { rdepend: 'dev-lang/python' };

  test.each([
    ['Dist_Other>=1', ['needs dev-python/dist']],
    ['dist.other (<3,>=2)', ['needs dev-python/dist']],
    ['toml', ['needs dev-python/toml']],
    ["toml; python_version < '3.8'", []],
    ["toml; python_version < '3.13'", ['needs dev-python/toml']],
    ["toml; extra == 'test'", []],
    ['gone', ['nobody has gone']],
    ["gone; python_version < '3.13'", []],
    ['oldfoo', ['only an old version has oldfoo']],
    ['own[extra]', []],
    ['argparse', []],
    ['setuptools>=40', []],
  ])('of Python: %s', (requirement, told) => {
    metadata(requirement);
    file(`${SITE}/own/__init__.py`);
    expect(tell(python)).toEqual(told);
  });

  test('of Python says no more than an import, and nothing that RDEPEND brings', () => {
    metadata('toml', 'gone-by-another-name');
    file(`${SITE}/own/__init__.py`, 'import gone\nimport toml\n');
    expect(tell(python)).toEqual(['needs dev-python/toml', 'nobody has gone']);
    expect(tell({ rdepend: 'dev-lang/python dev-python/toml' })).toEqual(['nobody has gone']);
    expect(tell({ rdepend: 'dev-lang/python dev-python/absent' })).toEqual(['needs dev-python/toml']);
  });

  test('names what only the closure of RDEPEND brings', () => {
    metadata('six>=1.0');
    expect(tell({ rdepend: 'dev-python/toml' })).toEqual([
      'has dev-python/six through dev-python/toml: six (>=1.0)',
    ]);
    file(`${SITE}/own/__init__.py`, 'import six\n');
    expect(tell({ rdepend: 'dev-python/toml' })).toEqual([
      'has dev-python/six through dev-python/toml: six (>=1.0)',
    ]);
    expect(tell({ rdepend: 'dev-python/toml dev-python/six' })).toEqual([]);
  });

  test('of Perl', () => {
    const requires = {
      'JSON::XS': '2.0',
      POSIX: 0,
      Carp: 0,
      strict: 0,
      perl: '5.010',
      'Test::Gone': 0,
      'Gone::Deep': 0,
    };
    expect(tell({ requires })).toEqual([]);
    file(`${PERL}/Own.pm`);
    const told = ['needs dev-perl/JSON-XS', 'nobody has Gone::Deep'];
    expect(tell({ requires, rdepend: 'dev-lang/perl' })).toEqual(told);
    expect(tell({ requires, rdepend: 'dev-lang/perl dev-perl/JSON-XS' })).toEqual(told.slice(1));
    const script = "($found ? () : ('JSON::XS' => 2.0)),\n($x ? ('Gone::Deep' => 0) : ())";
    expect(tell({ requires, script, rdepend: 'dev-lang/perl' })).toEqual(['may need dev-perl/JSON-XS']);
  });
});

describe('the programs of a shell script', () => {
  const used = {
    'app-misc/jq': 'program',
    'sys-apps/coreutils': 'program',
    'dev-util/pkgconf': 'program',
  } as const;

  test.each([
    ['exec jq "$@"', ['needs app-misc/jq']],
    ['cat x | /usr/bin/jq .', ['needs app-misc/jq']],
    ['x=$(jq . "$1")', ['needs app-misc/jq']],
    ['jq . x || exit 1', ['needs app-misc/jq']],
    ['case $1 in\n a) jq . ;;\nesac', ['may need app-misc/jq']],
    ['f() {\n jq .\n}\nf', ['may need app-misc/jq']],
    ['command -v jq >/dev/null && jq .', ['can do without app-misc/jq']],
    ['if type jq; then jq .; fi', ['can do without app-misc/jq']],
    ['jq . x || true', ['can do without app-misc/jq']],
    ['echo jq; cat jq # jq', []],
    ['cat <<EOT\njq\nEOT', []],
    ['jq() { cat; }\njq', []],
    ['cat x; pkg-config --libs x', ['may need dev-util/pkgconf']],
  ])('%j', (text, told) => {
    script('usr/bin/prog', `#!/bin/sh\n${text}\n`);
    expect(tell({ used })).toEqual(told);
  });

  test('are nothing if the build did not use them either, and if RDEPEND brings them', () => {
    script('usr/bin/prog', '#!/usr/bin/env bash\njq .\n');
    expect(tell()).toEqual([]);
    expect(tell({ declared: ['app-misc/jq'] })).toEqual(['needs app-misc/jq']);
    expect(tell({ used, rdepend: 'app-misc/jq' })).toEqual([]);
  });
});
