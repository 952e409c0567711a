import { afterAll, beforeAll, describe, expect } from 'vitest';
import { missingForTrials, openProduct, type Product } from '../../support/product.ts';
import { requireOrSkip } from '../../support/requirement.ts';
import { ebuildOf, type Outcome, type Recipe, tryRecipes } from './recipe.ts';

const MESON = (name: string) => `project('demo', 'c')
executable('demo', 'main.c', dependencies: dependency('${name}'), install: true)
`;
const CMAKE = (body: string) => `cmake_minimum_required(VERSION 3.16)
project(demo C)
${body}install(TARGETS demo)
`;
const JANSSON = '#include <jansson.h>\nint main(void) { return json_null() == 0; }\n';
const ZLIB = '#include <zlib.h>\nint main(void) { return zlibVersion() == 0; }\n';
const NOTHING = 'int main(void) { return 0; }\n';
const COMPILE = (libraries: string) => `src_compile() {
	gcc -o demo main.c ${libraries} || die
}

src_install() {
	dobin demo
}
`;
const INSTALL_SCRIPT = `src_install() {
	dobin tidy
}
`;

/** Whose trial after the edits has nothing left to say. */
const MENDED: readonly Recipe[] = [
  {
    name: 'nothing-declared',
    what: 'a library and pkg-config are both forgotten',
    inherit: 'meson',
    before: '',
    after: `
RDEPEND="dev-libs/jansson:="
DEPEND="dev-libs/jansson:="
BDEPEND="virtual/pkgconfig"
`,
    phases: '',
    files: { 'meson.build': MESON('jansson'), 'main.c': JANSSON },
    findings: [
      'error missing-depend: Add dev-libs/jansson:= to DEPEND',
      'error missing-rdepend: Add dev-libs/jansson:= to RDEPEND',
      // dev-build/meson brings pkg-config.
      'warning transitive: Add virtual/pkgconfig to BDEPEND',
    ],
  },
  {
    name: 'brought-by-the-build-system',
    what: 'a library that only the build system itself needs to run is forgotten',
    inherit: 'meson',
    before: '\nBDEPEND="virtual/pkgconfig"\n',
    after: `
RDEPEND="sys-libs/zlib:="
DEPEND="sys-libs/zlib:="
BDEPEND="virtual/pkgconfig"
`,
    phases: '',
    files: { 'meson.build': MESON('zlib'), 'main.c': ZLIB },
    findings: [
      'error missing-depend: Add sys-libs/zlib:= to DEPEND',
      'error missing-rdepend: Add sys-libs/zlib:= to RDEPEND',
    ],
  },
  {
    name: 'used-through-another',
    what: 'a library is linked by name, and only another library brings it',
    before: '\nRDEPEND="media-libs/libpng:="\nDEPEND="${RDEPEND}"\n',
    after: `
RDEPEND="
	media-libs/libpng:=
	sys-libs/zlib:=
"
DEPEND="\${RDEPEND}"
`,
    phases: COMPILE('-Wl,--no-as-needed -lpng -lz'),
    files: { 'main.c': ZLIB },
    findings: ['warning transitive: Add sys-libs/zlib:= to RDEPEND'],
  },
  {
    name: 'library-in-bdepend',
    what: 'a library stands in BDEPEND, so that it is moved and not written twice',
    before: '\nDEPEND=""\nRDEPEND="${DEPEND}"\nBDEPEND="dev-libs/jansson"\n',
    after: '\nDEPEND="dev-libs/jansson:="\nRDEPEND="${DEPEND}"\n',
    phases: COMPILE('-ljansson'),
    files: { 'main.c': JANSSON },
    findings: [
      'error missing-rdepend: Move dev-libs/jansson:= from BDEPEND to DEPEND',
      'warning misplaced: Move dev-libs/jansson to DEPEND',
    ],
  },
  {
    name: 'one-subslot',
    what: 'an atom ties the ebuild to one subslot of a library',
    before: '\nRDEPEND="dev-libs/jansson:0/4"\nDEPEND="${RDEPEND}"\n',
    after: '\nRDEPEND="dev-libs/jansson:="\nDEPEND="${RDEPEND}"\n',
    phases: COMPILE('-ljansson'),
    files: { 'main.c': JANSSON },
    findings: ['warning missing-slot-operator: Write dev-libs/jansson:='],
  },
  {
    name: 'opened-at-run-time',
    what: 'the build uses the headers of a library, and the program opens it when it runs',
    before: '',
    after: '\nRDEPEND="media-libs/giflib"\nDEPEND="media-libs/giflib"\n',
    phases: COMPILE(''),
    files: {
      'main.c': `#include <gif_lib.h>
#include <dlfcn.h>
int main(void) { GifWord w = 0; return dlopen("libgif.so.7", RTLD_NOW) == 0 || w; }
`,
    },
    findings: [
      'error missing-depend: Add media-libs/giflib to DEPEND',
      'warning missing-rdepend: Add media-libs/giflib to RDEPEND',
    ],
  },
  {
    name: 'run-by-a-script',
    what: 'an installed script runs a program that only BDEPEND names',
    before: '\nBDEPEND="app-misc/jq"\n',
    after: '\nRDEPEND="app-misc/jq"\nBDEPEND="app-misc/jq"\n',
    phases: `src_compile() {
	jq . data.json || die
}

${INSTALL_SCRIPT}`,
    files: { 'data.json': '{}\n', tidy: '#!/bin/sh\nexec jq -S . "$@"\n' },
    findings: ['warning missing-rdepend: Add app-misc/jq to RDEPEND'],
  },
];

/** Where no edit is sure. */
const ADVISED: readonly Recipe[] = [
  {
    name: 'found-by-cmake',
    what: 'CMake looks for a library by its file alone, and links it if it is there',
    inherit: 'cmake',
    before: '',
    after: '',
    phases: '',
    files: {
      'CMakeLists.txt': CMAKE(`find_library(JSON jansson)
if(JSON)
  add_executable(demo main.c)
  target_link_libraries(demo \${JSON})
else()
  add_executable(demo other.c)
endif()
`),
      'main.c': JANSSON,
      'other.c': NOTHING,
    },
    findings: ['warning automagic: Add dev-libs/jansson:= to DEPEND and RDEPEND'],
  },
  {
    name: 'too-old-a-version',
    what: 'the version of a declared library is refused',
    inherit: 'meson',
    before: '\nRDEPEND="dev-libs/jansson:="\nDEPEND="${RDEPEND}"\nBDEPEND="virtual/pkgconfig"\n',
    after: '\nRDEPEND="dev-libs/jansson:="\nDEPEND="${RDEPEND}"\nBDEPEND="virtual/pkgconfig"\n',
    phases: '',
    files: {
      'meson.build': MESON('jansson').replace("'jansson'", "'jansson', version: '>=99'"),
      'main.c': JANSSON,
    },
    findings: ['error refused-version: Write >=dev-libs/jansson-99:='],
  },
  {
    name: 'plain-tools',
    what: 'a Makefile runs the tools of the machine that builds',
    before: '\nRDEPEND="dev-libs/jansson:="\nDEPEND="${RDEPEND}"\nBDEPEND="virtual/pkgconfig"\n',
    after: '\nRDEPEND="dev-libs/jansson:="\nDEPEND="${RDEPEND}"\nBDEPEND="virtual/pkgconfig"\n',
    phases: `src_install() {
	dobin demo
}
`,
    files: {
      Makefile: 'demo: main.c\n\tcc -o demo main.c `pkg-config --cflags --libs jansson`\n',
      'main.c': JANSSON,
    },
    findings: ['hint plain-tool'],
  },
];

/** Tried in several USE states. */
const FLAGGED: readonly Recipe[] = [
  {
    name: 'a-flag-that-needs-another',
    what: 'a flag builds only together with another one',
    before: 'IUSE="bindings introspection"\n',
    after: 'IUSE="bindings introspection"\nREQUIRED_USE="bindings? ( introspection )"\n',
    phases: `src_compile() {
	if use introspection; then
		cp data demo.gir || die
	fi
	if use bindings; then
		cp demo.gir demo.vapi || die
	fi
}

src_install() {
	insinto /usr/share/demo
	doins data $(usev introspection demo.gir)
}
`,
    files: { data: 'x\n' },
    findings: ['error failing-use-state: Add bindings? ( introspection ) to REQUIRED_USE'],
  },
  {
    name: 'setup-of-an-eclass',
    what: 'pkg_setup of an eclass needs whatever the flags are what is declared under one',
    inherit: 'toolkit',
    before: `IUSE="test"
RESTRICT="!test? ( test )"

BDEPEND="test? ( \${TOOLKIT_DEPS} )"
`,
    after: `IUSE="test"
RESTRICT="!test? ( test )"

BDEPEND="test? ( \${TOOLKIT_DEPS} )"

pkg_setup() {
	use test && toolkit_pkg_setup
}
`,
    phases: INSTALL_SCRIPT,
    files: { tidy: '#!/bin/sh\n:\n' },
    eclasses: {
      toolkit: `case \${EAPI} in
	8) ;;
	*) die "\${EAPI}" ;;
esac
TOOLKIT_DEPS="app-misc/jq"
toolkit_pkg_setup() {
	type -P jq >/dev/null || die "jq is needed"
}
EXPORT_FUNCTIONS pkg_setup
`,
    },
    findings: ['warning missing-use-conditional: Call toolkit_pkg_setup under the flag'],
  },
];

let product: Product;
const outcomes = new Map<string, Outcome>();
beforeAll(async () => {
  if (missingForTrials !== undefined) return;
  product = await openProduct();
  for (const [recipes, options] of [
    [MENDED, ['--verify']],
    [ADVISED, []],
    [FLAGGED, ['--use-matrix']],
  ] as const) {
    for (const [name, outcome] of await tryRecipes(product, recipes, options)) outcomes.set(name, outcome);
  }
}, 900_000);
afterAll(() => product?.remove());

describe('a recipe', () => {
  const test = requireOrSkip(missingForTrials);
  for (const recipe of [...MENDED, ...ADVISED, ...FLAGGED]) {
    test(recipe.what, () => {
      const outcome = outcomes.get(recipe.name);
      expect(outcome?.findings).toEqual(recipe.findings);
      expect(outcome?.text).toBe(ebuildOf(recipe, recipe.after));
      if (MENDED.includes(recipe)) expect(outcome?.left).toEqual([]);
    });
  }
});
