import { describe, expect, test } from 'vitest';
import { createPkgcore } from '../../server/src/package-manager/pkgcore.ts';
import { type PackageManager, PHASES, type TrialPaths } from '../../server/src/package-manager/port.ts';
import { createPortage } from '../../server/src/package-manager/portage.ts';

const portage = createPortage({
  version: '3.0.83',
  python: '/usr/bin/python3.12',
  scripts: '/usr/lib/portage/python3.12',
  ebuild: '/usr/lib/python-exec/python3.12/ebuild',
  files: { binds: [], programs: ['/usr/bin/python3.12'] },
});
const pkgcore = createPkgcore({
  version: '0.12.33',
  python: '/v/bin/python3',
  pebuild: '/v/bin/pebuild',
  library: '/v/lib/pkgcore',
  files: { binds: ['/v'], programs: ['/usr/bin/python3.12'] },
});
const paths: TrialPaths = {
  ebuild: '/r/app-misc/hello-world/hello-world-1.0-r2.ebuild',
  work: '/w',
  distfiles: '/d',
  repository: '/r',
  category: 'app-misc',
  packageName: 'hello-world',
  packageAndVersion: 'hello-world-1.0-r2',
};

describe('phaseOf', () => {
  const script = '/usr/lib/portage/python3.12/ebuild.sh';
  test.each([
    [portage, [script, 'compile'], 'compile'],
    [portage, ['bash', script, 'install'], 'install'],
    // A step of Portage around the phases is not a phase of PMS.
    [portage, ['bash', script, 'clean'], undefined],
    [portage, ['bash', script, 'pretend'], undefined],
    [portage, ['[app-misc/hello-1] bash', '-c', `${script} compile`], undefined],
    [portage, ['/usr/lib/portage/python3.12/misc-functions.sh', 'install_qa_check'], undefined],
    [portage, ['make', 'install'], undefined],
    [portage, [], undefined],
    [pkgcore, ['bash', '/w/phases/configure/ebuild-daemon.bash', 'daemonize'], 'configure'],
    [pkgcore, ['bash', '/v/lib/pkgcore/ebd/ebuild-daemon.bash', 'daemonize'], undefined],
    [pkgcore, ['bash', '/w/phases/nonsense/ebuild-daemon.bash', 'daemonize'], undefined],
    [pkgcore, [], undefined],
  ] as [PackageManager, string[], string | undefined][])('%#', (backend, argv, phase) => {
    expect(backend.phaseOf(argv)).toBe(phase);
  });
});

describe('own work', () => {
  test('is what the private installation holds, but not what its helpers start for the ebuild', () => {
    expect(pkgcore.ownWork.folders).toContain('/v');
    expect(pkgcore.ownWork.ebuildHelpers).toEqual(['ebuild-daemon.bash', 'emake', 'nonfatal']);
  });
  test('is the scanelf with which pkgcore looks at the image, where it is visible', () => {
    expect(pkgcore.ownWork.programs).toEqual(['/usr/bin/scanelf']);
  });
  test('is only the folder of scripts for the Portage of a root, whose Python the ebuild may run too', () => {
    expect(portage.ownWork.folders).toEqual(['/usr/lib/portage/python3.12']);
    expect(portage.ownWork.ebuildHelpers).toContain('ebuild.sh');
  });
});

describe('commands', () => {
  test('Portage cleans and installs in one invocation, without a feature that the sandbox replaces', () => {
    const { argv, environment } = portage.buildCommand(paths, {
      phases: PHASES,
      afresh: true,
      test: false,
      jobs: 3,
      use: [],
    });
    expect(argv.slice(3)).toEqual([
      '/usr/lib/python-exec/python3.12/ebuild',
      '--skip-manifest',
      paths.ebuild,
      'clean',
      'install',
    ]);
    expect(environment.MAKEOPTS).toBe('-j3');
    const features = environment.FEATURES?.split(' ') ?? [];
    for (const feature of [
      '-sandbox',
      '-usersandbox',
      '-userpriv',
      '-ccache',
      '-network-sandbox',
      '-strict',
      '-test',
    ]) {
      expect(features).toContain(feature);
    }
    expect(environment).toMatchObject({ PORTAGE_TMPDIR: '/w', DISTDIR: '/d', PORTDIR_OVERLAY: '/r' });
    expect(environment).toMatchObject({ PORTAGE_USERNAME: 'root', PORTAGE_GRPNAME: 'root' });
  });
  test('Portage runs the tests only when asked to', () => {
    const { environment } = portage.buildCommand(paths, {
      phases: PHASES,
      afresh: true,
      test: true,
      jobs: 1,
      use: [],
    });
    expect(environment.FEATURES?.split(' ')).toContain('test');
    expect(environment.FEATURES?.split(' ')).not.toContain('-test');
  });
  test.each([
    [['setup', 'unpack', 'prepare'], true, false, ['clean', 'prepare']],
    [['setup', 'unpack', 'prepare'], false, false, ['prepare']],
    [['configure'], false, false, ['configure']],
    [['test', 'install'], false, true, ['install']],
    [['compile', 'test'], false, true, ['test']],
    [['compile', 'test'], false, false, ['compile']],
  ] as const)(
    'Portage goes on after earlier phases: %j, afresh %s, tests %s',
    (phases, afresh, test, words) => {
      expect(portage.buildCommand(paths, { phases, afresh, test, jobs: 1, use: [] }).argv.slice(6)).toEqual(
        words,
      );
    },
  );
  test.each([
    [PHASES, false, 'setup,unpack,prepare,configure,compile,install'],
    [PHASES, true, 'setup,unpack,prepare,configure,compile,test,install'],
    [['test', 'install'], false, 'install'],
  ] as const)('pkgcore runs one phase after another: %j, tests %s', (phases, test, words) => {
    expect(pkgcore.buildCommand(paths, { phases, afresh: true, test, jobs: 1, use: [] }).argv.at(-1)).toBe(
      words,
    );
  });
  test('pkgcore is told name and version apart', () => {
    expect(pkgcore.metadataCommand(paths, []).argv.slice(-3)).toEqual(['app-misc', 'hello-world', '1.0-r2']);
  });
  test.each([portage, pkgcore])(
    'the image is below the build folder, and that below the work folder',
    (backend) => {
      expect(backend.buildFolder(paths)).toBe('/w/portage');
      expect(backend.imageFolder(paths)).toBe('/w/portage/app-misc/hello-world-1.0-r2/image');
      expect(backend.savedEnvironment(paths)).toBe('/w/portage/app-misc/hello-world-1.0-r2/temp/environment');
    },
  );
});

describe('readMetadata', () => {
  const metadata = {
    eapi: '8',
    slot: '0/1',
    dependencies: {
      DEPEND: 'dev-libs/a zlib? ( sys-libs/zlib )',
      BDEPEND: '',
      RDEPEND: 'dev-libs/a:=',
      PDEPEND: '',
      IDEPEND: '',
    },
    restrict: '',
    requiredUse: '',
    iuse: ['zlib'],
    fixedUse: [],
    expandedUse: [],
    use: ['amd64', 'zlib'],
    inherited: ['cmake'],
    definedPhases: [],
    distfiles: ['a-1.tar.gz'],
    system: ['virtual/libc'],
    approximations: [],
  };
  test.each([portage, pkgcore])('finds the marked line among what eclasses print', (backend) => {
    const output = `warning\n\nebuild-audit-metadata:${JSON.stringify(metadata)}\ntrailing\n`;
    expect(backend.readMetadata(output)).toEqual(metadata);
  });
  test('says what Portage said when the ebuild cannot be sourced', () => {
    const output = [
      ' * ERROR: app-misc/hello-1::overlay failed (depend phase):',
      ' *   nonsense.eclass could not be found by inherit()',
      ' * ',
      'Traceback (most recent call last):',
      "portage.exception.PortageKeyError: 'app-misc/hello-1'",
    ].join('\n');
    expect(() => portage.readMetadata(output)).toThrow(
      'Portage could not evaluate the ebuild: nonsense.eclass could not be found by inherit()',
    );
  });
  test("prefers Bash's own message", () => {
    const output = [
      "/repo/a-b/c/c-1.ebuild: line 6: syntax error near unexpected token `fi'",
      ' * ERROR: a-b/c-1::overlay failed (depend phase):',
      ' *   error sourcing ebuild',
    ].join('\n');
    expect(() => portage.readMetadata(output)).toThrow(/c-1\.ebuild: line 6: syntax error/);
  });
  test('says so when there was no output', () => {
    expect(() => pkgcore.readMetadata('')).toThrow('pkgcore could not evaluate the ebuild: no output.');
  });
  test.each(['{', '[]', '{"eapi":"8"}', JSON.stringify({ ...metadata, use: 'zlib' })])(
    'refuses %s',
    (json) => {
      expect(() => portage.readMetadata(`ebuild-audit-metadata:${json}`)).toThrow(/does not understand/);
    },
  );
});
