/** The phases of a bare build: those of PMS 9.1 that do something. */
export const BUILD_PHASES = ['unpack', 'prepare', 'configure', 'compile', 'install'] as const;
export type BuildPhase = (typeof BUILD_PHASES)[number];

/** An upstream project, built with the same commands in every way of running. */
export interface Project {
  readonly name: string;
  /** The build system that does most of the work. */
  readonly buildSystem: string;
  /** The name of its archive, see sources.json. */
  readonly distfile: string;
  /** BDEPEND of an ebuild for it, beyond @system. */
  readonly bdepend: string;
  /**
   * The file with configure's findings about the machine. It must be the same in every build; otherwise they have not
   * built the same.
   */
  readonly configuration: string | undefined;
  /**
   * Bash for each phase, run with `set -e` in the work folder, which has the archive. `$IMAGE` is the folder to
   * install into, `$JOBS` the number of processes that may run at once.
   */
  readonly phases: Readonly<Record<BuildPhase, string>>;
}

/**
 * libwebp only looks for these for its tools. Without them, configure cannot be faster just because the view hides
 * them.
 */
const NOT_LOOKED_FOR = ['PNG', 'JPEG', 'TIFF', 'GIF', 'OpenGL', 'GLUT', 'SDL'];
const HEADERS_NOT_LOOKED_FOR = ['GL', 'GLUT', 'OPENGL'].map((folder) => `HAVE_${folder}_GLUT_H`);
const NOT_BUILT = ['ANIM_UTILS', 'GIF2WEBP', 'IMG2WEBP', 'VWEBP', 'WEBPINFO', 'WEBPMUX', 'EXTRAS'];

export const PROJECTS: readonly Project[] = [
  {
    name: 'xz 5.2.3',
    buildSystem: 'autotools',
    distfile: 'xz-5.2.3.tar.bz2',
    bdepend: 'dev-build/autoconf dev-build/automake dev-build/libtool',
    configuration: 'xz-5.2.3/config.h',
    phases: {
      unpack: 'tar xf xz-5.2.3.tar.bz2',
      // Its macros are in the archive; only gettext's own program would download them again.
      prepare: 'cd xz-5.2.3; AUTOPOINT=true autoreconf --force --install',
      configure: 'cd xz-5.2.3; ./configure --prefix=/usr --disable-nls --disable-shared',
      compile: 'cd xz-5.2.3; make -j$JOBS',
      install: 'cd xz-5.2.3; make -j$JOBS install DESTDIR="$IMAGE"',
    },
  },
  {
    name: 'libwebp 1.2.1',
    buildSystem: 'cmake',
    distfile: 'libwebp-1.2.1.tar.gz',
    bdepend: 'dev-build/cmake',
    configuration: 'build/src/webp/config.h',
    phases: {
      unpack: 'tar xf libwebp-1.2.1.tar.gz',
      prepare:
        'find libwebp-1.2.1 -name CMakeLists.txt -exec sed -i \'s/ "Release"/ "None"/\' {} +; mkdir build',
      configure: `cd build; cmake ../libwebp-1.2.1 -DCMAKE_BUILD_TYPE=None -DCMAKE_INSTALL_PREFIX=/usr ${[
        ...NOT_BUILT.map((part) => `-DWEBP_BUILD_${part}=OFF`),
        ...NOT_LOOKED_FOR.map((name) => `-DCMAKE_DISABLE_FIND_PACKAGE_${name}=ON`),
        ...HEADERS_NOT_LOOKED_FOR.map((name) => `-D${name}=OFF`),
      ].join(' ')}`,
      compile: 'cd build; make -j$JOBS',
      install: 'cd build; make -j$JOBS install DESTDIR="$IMAGE"',
    },
  },
  {
    name: 'OptiPNG 0.7.7',
    buildSystem: 'nested makefiles',
    distfile: 'optipng.tar.gz',
    bdepend: '',
    configuration: undefined,
    phases: {
      unpack: 'tar xf optipng.tar.gz',
      prepare: 'find optipng-0.7.7 -name "Makefile*" -exec sed -i "s/ -s$//" {} +',
      configure: 'cd optipng-0.7.7; ./configure --prefix=/usr',
      compile: 'cd optipng-0.7.7; make -j$JOBS',
      install: 'cd optipng-0.7.7; make install DESTDIR="$IMAGE"',
    },
  },
];

/**
 * A bash script that runs every phase in its own process and appends a line `PHASE BEGAN ENDED`, in seconds since the
 * epoch, to the file `marks` for each. It ends with the first phase that fails.
 */
export function writeBuildScript(project: Project): string {
  const phases = BUILD_PHASES.map(
    (phase) => `began=$EPOCHREALTIME
bash -ec '${project.phases[phase].replaceAll("'", "'\\''")}' ${phase}
echo "${phase} $began $EPOCHREALTIME" >>marks
`,
  );
  return `set -e\ncd "$WORK"\n${phases.join('')}`;
}
