import { describe, expect, test } from 'vitest';
import { inTextOrder } from '../../server/src/audit/finding-order.ts';
import { fixAll } from '../../server/src/audit/fix-all.ts';
import { judge } from '../../server/src/audit/judge.ts';
import type { BuildOption, TrialRecord } from '../../server/src/audit/record.ts';
import { parseEbuild } from '../../server/src/ebuild/facts.ts';
import { applyEdits } from '../../server/src/ebuild/text-edit.ts';
import type { Incident } from '../../server/src/trace/evidence.ts';
import type { UseKind } from '../../server/src/trace/use-kind.ts';
import { bash } from '../ebuild/bash.ts';
import { makeRecord } from '../support/trial-record.ts';
import { evidence, need, probe, recordedPackage, removal, use } from './observed.ts';

function ebuild(dependencies: string, eapi = '8'): string {
  return `EAPI=${eapi}\n\nDESCRIPTION="x"\nSLOT="0"\nIUSE="doc ssl"\n\n${dependencies}`;
}

const judgeText = (record: TrialRecord, text: string) =>
  inTextOrder(judge(record, parseEbuild(text, bash)).findings);
const codes = (record: TrialRecord, text: string) => judgeText(record, text).map(({ code }) => code);
/** The text after the first finding's fix, or its alternative, as an author's click applies it. */
function clicked(record: TrialRecord, text: string, which: 'fix' | 'alternative' = 'fix'): string {
  const [finding] = judgeText(record, text);
  const chosen = which === 'fix' ? finding?.fix : finding?.alternatives?.[0];
  return applyEdits(text, chosen?.edits ?? []);
}
const fixAllOf = (record: TrialRecord, text: string) =>
  fixAll(text, (today) => judge(record, parseEbuild(today, bash)));
const untouchedByFixAll = (record: TrialRecord, text: string) => fixAllOf(record, text) === text;

describe('automagic', () => {
  const text = ebuild('RDEPEND="\n\tsys-libs/zlib\n"\nDEPEND="${RDEPEND}"\n');
  const record = makeRecord(text, { iuse: ['doc', 'ssl'], probes: [probe('media-libs/libpng')] });

  test('says what would be installed otherwise and what to add', () => {
    const [finding] = judgeText(record, text);
    expect(finding?.severity).toBe('warning');
    expect(finding?.message).toBe(
      'Add media-libs/libpng to RDEPEND, or tell the build not to use media-libs/libpng: with media-libs/libpng visible, /usr/bin/hello links libpng16.so.16, and the ebuild does not declare it.',
    );
    expect(finding?.why).toEqual({
      owner: 'media-libs/libpng-1.6.43',
      rule: 'A package that the build picks up by itself makes the result differ between machines: declare it or switch it off.',
      trials: [
        'The build passes without media-libs/libpng; with media-libs/libpng visible, /usr/bin/hello links libpng16.so.16.',
      ],
    });
  });

  test('names what has to be there as well', () => {
    const beside = [
      { category: 'dev-util', name: 'pkgconf', version: '2', slot: '0', subslot: '0', use: [] },
    ];
    const together = makeRecord(text, { probes: [probe('media-libs/libpng', undefined, { beside })] });
    expect(judgeText(together, text)[0]?.message).toBe(
      'Add media-libs/libpng to RDEPEND, or tell the build not to use media-libs/libpng: with media-libs/libpng and dev-util/pkgconf visible, /usr/bin/hello links libpng16.so.16, and the ebuild does not declare it.',
    );
  });

  test('is one finding for a library and the pkg-config that finds it', () => {
    const finder = probe('dev-util/pkgconf', undefined, { atom: 'virtual/pkgconfig' });
    const library = probe('media-libs/libpng', undefined, { beside: [finder.package] });
    const both = [library, { ...finder, beside: [library.package] }];
    expect(judgeText(makeRecord(text, { probes: both }), text).map(({ about }) => about[0])).toEqual([
      'media-libs/libpng',
    ]);
    const [alone] = judgeText(makeRecord(text, { probes: [finder] }), text);
    expect(alone?.message).toBe(
      'Add virtual/pkgconfig to RDEPEND, or tell the build not to use what it finds: with dev-util/pkgconf visible, /usr/bin/hello links libpng16.so.16, and the ebuild does not declare it.',
    );
  });

  test('is fixed by one atom for both variables, but not without asking', () => {
    const after = ebuild('RDEPEND="\n\tmedia-libs/libpng\n\tsys-libs/zlib\n"\nDEPEND="${RDEPEND}"\n');
    expect(clicked(record, text)).toBe(after);
    expect(codes(record, after)).toEqual([]);
    expect(untouchedByFixAll(record, text)).toBe(true);
  });

  test('may be fixed by a USE flag', () => {
    expect(judgeText(record, text)[0]?.alternatives?.[0]?.title).toBe(
      'Add png? ( media-libs/libpng ) and the USE flag png (then pass the flag to the build)',
    );
    expect(clicked(record, text, 'alternative')).toBe(
      text
        .replace('"doc ssl"', '"doc png ssl"')
        .replace('\tsys-libs/zlib\n', '\tsys-libs/zlib\n\tpng? ( media-libs/libpng )\n'),
    );
  });

  test('asks for the flags that the other atoms ask for, where the package has them', () => {
    const multilib = ebuild('RDEPEND="\n\tsys-libs/zlib[${MULTILIB_USEDEP}]\n"\nDEPEND="${RDEPEND}"\n');
    const asked = (flags: readonly string[]) => {
      const found = probe('dev-libs/ssl:0/3');
      return makeRecord(multilib, {
        iuse: ['doc', 'ssl'],
        probes: [{ ...found, atom: 'dev-libs/ssl:=', package: { ...found.package, use: flags } }],
      });
    };
    const given = asked(['abi_x86_64']);
    const after = clicked(given, multilib);
    expect(after).toBe(multilib.replace('\tsys-libs', '\tdev-libs/ssl:=[${MULTILIB_USEDEP}]\n\tsys-libs'));
    expect(codes(given, after)).toEqual([]);
    expect(clicked(given, multilib, 'alternative')).toContain('ssl? ( dev-libs/ssl:=[${MULTILIB_USEDEP}] )');
    expect(clicked(asked(['asm']), multilib)).toContain('\tdev-libs/ssl:=\n');
  });

  test('what RDEPEND has already is only added to DEPEND', () => {
    const half = ebuild('RDEPEND="media-libs/libpng:="\n');
    const given = makeRecord(half, { probes: [probe('media-libs/libpng')] });
    expect(judgeText(given, half)[0]?.fix?.title).toBe('Add media-libs/libpng:= to DEPEND');
  });

  test('a flag that there is already is not added to IUSE', () => {
    const given = makeRecord(text, { iuse: ['doc', 'ssl'], probes: [probe('dev-libs/ssl')] });
    expect(judgeText(given, text)[0]?.alternatives?.[0]?.title).toBe(
      'Add ssl? ( dev-libs/ssl ) (then pass the flag to the build)',
    );
  });

  test('in both variables where nothing holds both', () => {
    const apart = ebuild('RDEPEND="sys-libs/zlib"\nDEPEND="dev-libs/tree"\n');
    const [finding] = judgeText(makeRecord(apart, { probes: [probe('media-libs/libpng')] }), apart);
    expect(finding?.fix?.title).toBe('Add media-libs/libpng to DEPEND and RDEPEND');
    expect(applyEdits(apart, finding?.fix?.edits ?? [])).toBe(
      ebuild(
        'RDEPEND="\n\tmedia-libs/libpng\n\tsys-libs/zlib\n"\nDEPEND="\n\tdev-libs/tree\n\tmedia-libs/libpng\n"\n',
      ),
    );
  });

  test.each(['none', 'untried'] as const)('a probe whose effect is %s is no finding', (effect) => {
    expect(
      codes(makeRecord(text, { probes: [probe('media-libs/libpng', ['DEPEND'], { effect })] }), text),
    ).toEqual([]);
  });

  test('a package that breaks the build has no place in a dependency', () => {
    const breaking = makeRecord(text, {
      probes: [
        probe('media-libs/libpng', ['DEPEND'], {
          effect: 'breaks',
          differences: [],
          failure: { phase: 'compile', firstError: 'x.c:1: error: no' },
        }),
      ],
    });
    const [finding] = judgeText(breaking, text);
    expect(finding?.message).toBe(
      'Tell the build not to use media-libs/libpng: with media-libs/libpng visible, the build fails in src_compile (x.c:1: error: no), and the ebuild does not declare it.',
    );
    expect(finding?.fix).toBeUndefined();
  });

  test('what is declared under a flag and picked up without it has to be switched off', () => {
    const conditional = ebuild('DEPEND="ssl? ( dev-libs/openssl:= )"\n');
    const given = makeRecord(conditional, { iuse: ['doc', 'ssl'], probes: [probe('dev-libs/openssl')] });
    const [finding] = judgeText(given, conditional);
    expect(finding?.message).toBe(
      'Tell the build not to use dev-libs/openssl: under USE=-ssl, with dev-libs/openssl visible, /usr/bin/hello links libpng16.so.16, and no function of the ebuild asks for the flag ssl.',
    );
    expect(finding?.fix).toBeUndefined();
    expect(codes({ ...given, use: ['ssl'] }, conditional)).toEqual([]);
  });

  test.each([
    [
      'meson',
      'src_configure meson pkgconf',
      '/usr/lib64/pkgconfig/jansson.pc',
      '$(meson_feature json) or $(meson_use json)',
      '-Djansson=disabled',
    ],
    [
      'cmake',
      'src_configure cmake',
      '/usr/lib64/cmake/Jansson-2.14',
      '-DCMAKE_DISABLE_FIND_PACKAGE_Jansson=$(usex !json) or -DWITH_JSON=$(usex json)',
      '-DCMAKE_DISABLE_FIND_PACKAGE_Jansson=ON',
    ],
    [
      'cmake',
      'src_configure cmake',
      '/usr/include/jansson.h',
      '-DWITH_JSON=$(usex json) or -DCMAKE_DISABLE_FIND_PACKAGE_NAME=$(usex !json)',
      '-DWITH_JANSSON=OFF',
    ],
    [
      'autotools',
      'src_configure configure cc1',
      '/usr/include/jansson.h',
      '$(use_with json) or $(use_enable json)',
      '--without-jansson',
    ],
    // The chain decides: a package may build a part of itself with another system.
    [
      'cmake',
      'src_configure meson cc1',
      '/usr/include/jansson.h',
      '$(meson_feature json) or $(meson_use json)',
      '-Djansson=disabled',
    ],
    [
      'meson',
      'src_compile ninja cc1',
      '/usr/include/jansson.h',
      '$(meson_feature json) or $(meson_use json)',
      '-Djansson=disabled',
    ],
  ])('the switch is in the words of the build system: %s, %s, %s', (eclass, chain, path, following, off) => {
    const asked = probe('dev-libs/jansson', ['DEPEND', 'RDEPEND'], {
      evidence: [{ ...evidence, chain: chain.split(' '), path }],
    });
    const messageFor = (dependencies: string) => {
      const written = ebuild(`inherit ${eclass}\n${dependencies}\nsrc_configure() { use json; }\n`).replace(
        'doc',
        'json',
      );
      const given = makeRecord(written, { iuse: ['json'], probes: [asked] });
      return judgeText(given, written)[0]?.message;
    };
    const effect = 'with dev-libs/jansson visible, /usr/bin/hello links libpng16.so.16';
    expect(messageFor('DEPEND="json? ( dev-libs/jansson )"')).toBe(
      `Tell the build not to use dev-libs/jansson, for example with ${following}: under USE=-json, ${effect}.`,
    );
    expect(messageFor('DEPEND=""')).toBe(
      `Add dev-libs/jansson to DEPEND and RDEPEND, or tell the build not to use dev-libs/jansson, for example with ${off}: ${effect}, and the ebuild does not declare it.`,
    );
  });

  test.each<[string, string, BuildOption[], string | undefined, string | undefined]>([
    [
      'meson',
      'dev-libs/gobject-introspection',
      [{ system: 'meson', name: 'introspection', values: 'boolean' }],
      '$(meson_use json introspection)',
      '-Dintrospection=false',
    ],
    [
      'meson',
      'dev-libs/jansson',
      [{ system: 'meson', name: 'jansson', values: 'feature' }],
      '$(meson_feature json jansson)',
      '-Djansson=disabled',
    ],
    [
      'cmake',
      'media-libs/libpng',
      [
        { system: 'cmake', name: 'BUILD_PNG', values: 'boolean' },
        { system: 'cmake', name: 'WITH_PNG', values: 'boolean' },
      ],
      '-DWITH_PNG=$(usex json)',
      '-DWITH_PNG=OFF',
    ],
    [
      'autotools',
      'dev-libs/libpcre2',
      [
        { system: 'configure', name: 'pcre', values: 'enable' },
        { system: 'configure', name: 'jit', values: 'enable' },
      ],
      '$(use_enable json pcre)',
      '--disable-pcre',
    ],
    // The build has no option for it, and more than one is no answer.
    [
      'autotools',
      'dev-libs/jansson',
      [
        { system: 'configure', name: 'jansson-tests', values: 'enable' },
        { system: 'configure', name: 'json', values: 'with' },
      ],
      '$(use_with json)',
      undefined,
    ],
    [
      'meson',
      'dev-libs/jansson',
      [
        { system: 'meson', name: 'server-jansson', values: 'feature' },
        { system: 'meson', name: 'client-jansson', values: 'feature' },
      ],
      undefined,
      undefined,
    ],
  ])('the switch is an option that upstream has: %s, %s, %j', (eclass, name, options, following, off) => {
    const asked = probe(name, ['DEPEND', 'RDEPEND'], { evidence: [{ ...evidence, chain: [] }] });
    const messageFor = (dependencies: string) => {
      const written = ebuild(`inherit ${eclass}\n${dependencies}\nsrc_configure() { use json; }\n`).replace(
        'doc',
        'json',
      );
      const given = makeRecord(written, { iuse: ['json'], probes: [asked], options });
      return judgeText(given, written)[0]?.message;
    };
    const example = (text: string | undefined) => (text === undefined ? '' : `, for example with ${text}`);
    const effect = `with ${name} visible, /usr/bin/hello links libpng16.so.16`;
    expect(messageFor(`DEPEND="json? ( ${name} )"`)).toBe(
      `Tell the build not to use ${name}${example(following)}: under USE=-json, ${effect}.`,
    );
    expect(messageFor('DEPEND=""')).toBe(
      `Add ${name} to DEPEND and RDEPEND, or tell the build not to use ${name}${example(off)}: ${effect}, and the ebuild does not declare it.`,
    );
  });

  test.each([
    ['bash-completion', '$(get_bashcompdir) of shell-completion.eclass'],
    ['systemd', '$(systemd_get_systemunitdir) of systemd.eclass'],
    ['udev', '$(get_udevdir) of udev.eclass'],
    ['other', 'that folder'],
  ])('a package that is only asked for a folder needs no dependency: %s', (module, folder) => {
    const asked = probe('app-misc/dirs', ['DEPEND'], {
      asksOnlyVariables: true,
      differences: [{ aspect: 'file', change: 'added', path: '/usr/share/x' }],
      evidence: [{ ...evidence, path: `/usr/share/pkgconfig/${module}.pc` }],
    });
    const [finding] = judgeText(makeRecord(text, { probes: [asked] }), text);
    expect(finding?.message).toBe(
      `Pass ${folder} to the build, so that no dependency is needed: with app-misc/dirs visible, /usr/share/x is installed, and the build only asks ${module}.pc for a folder.`,
    );
    expect([finding?.fix, finding?.alternatives]).toEqual([undefined, undefined]);
  });

  test('what is picked up with one flag only is declared under it', () => {
    const given = makeRecord(text, {
      iuse: ['doc', 'ssl'],
      variants: [
        makeRecord(text, { iuse: ['doc', 'ssl'], use: ['ssl'], probes: [probe('media-libs/libpng')] }),
      ],
    });
    expect(clicked(given, text)).toBe(
      ebuild('RDEPEND="\n\tsys-libs/zlib\n\tssl? ( media-libs/libpng )\n"\nDEPEND="${RDEPEND}"\n'),
    );
  });
});

describe('transitive', () => {
  const text = ebuild('RDEPEND="media-libs/libpng"\nDEPEND="${RDEPEND}"\n');
  const closure = (kinds: readonly UseKind[], through = ['media-libs/libpng']) =>
    makeRecord(text, { uses: [use('sys-libs/zlib', kinds, { licence: 'closure', through })] });

  test('names what brings it', () => {
    const record = closure(['header', 'linked']);
    const [finding] = judgeText(record, text);
    expect([finding?.code, finding?.severity, finding?.message]).toEqual([
      'transitive',
      'warning',
      'Add sys-libs/zlib to RDEPEND: the build uses /usr/include/tool.h of sys-libs/zlib, which is visible only because media-libs/libpng needs it.',
    ]);
    const after = ebuild('RDEPEND="\n\tmedia-libs/libpng\n\tsys-libs/zlib\n"\nDEPEND="${RDEPEND}"\n');
    expect(clicked(record, text)).toBe(after);
    expect(codes(record, after)).toEqual([]);
    expect(untouchedByFixAll(record, text)).toBe(false);
  });

  test('names the header that calls a library which the sources do not ask for', () => {
    const through = { licence: 'closure', through: ['media-libs/libpng'] } as const;
    const record = makeRecord(text, {
      uses: [use('sys-libs/zlib', ['linked'], { ...through, calledIn: '/usr/include/png.h' })],
    });
    expect(judgeText(record, text).map(({ message }) => message)).toEqual([
      'Add sys-libs/zlib to RDEPEND: /usr/bin/hello links /usr/lib64/libtool.so.1 of sys-libs/zlib, which is visible only because media-libs/libpng needs it, and /usr/include/png.h calls it.',
    ]);
  });

  test.each([
    [['header'], 'information'],
    [['pkg-config', 'header'], 'warning'],
    [['header', 'linked'], 'warning'],
  ] as const)('is for %j a finding of severity %s', (kinds, severity) => {
    expect(judgeText(closure(kinds), text).map((finding) => finding.severity)).toEqual([severity]);
  });

  test('what is used when it is built and when it runs is one finding', () => {
    const record = makeRecord(text, {
      uses: [
        use('sys-libs/zlib', ['header'], { licence: 'closure', through: ['media-libs/libpng'] }),
        use('sys-libs/zlib', ['linked'], { licence: 'closure', through: ['media-libs/libpng'] }),
      ],
    });
    expect(clicked(record, text)).toBe(
      ebuild('RDEPEND="\n\tmedia-libs/libpng\n\tsys-libs/zlib\n"\nDEPEND="${RDEPEND}"\n'),
    );
  });

  test('declared to be built with, it may lack to be run', () => {
    const apart = ebuild('RDEPEND="media-libs/libpng"\nDEPEND="media-libs/libpng\n\tsys-libs/zlib\n"\n');
    const record = makeRecord(apart, {
      uses: [
        use('sys-libs/zlib', ['header']),
        use('sys-libs/zlib', ['linked'], { licence: 'closure', through: ['media-libs/libpng'] }),
      ],
    });
    expect(judgeText(record, apart).map(({ message }) => message)).toEqual([
      'Add sys-libs/zlib to RDEPEND: /usr/bin/hello links /usr/lib64/libtool.so.1 of sys-libs/zlib, which is visible only because media-libs/libpng needs it.',
    ]);
  });

  test('what is only built against does not get to RDEPEND', () => {
    expect(clicked(closure(['header']), text)).toBe(
      ebuild('RDEPEND="media-libs/libpng"\nDEPEND="\n\t${RDEPEND}\n\tsys-libs/zlib\n"\n'),
    );
  });

  test('what a virtual brings beyond what it stands for is used like anything else', () => {
    // What it stands for has the licence `declared`.
    expect(codes(closure(['header'], ['virtual/zlib']), text)).toEqual(['transitive']);
  });

  test('is a warning with a sure edit only if an installed file uses symbols of the library', () => {
    const severities = (kinds: readonly UseKind[]) =>
      judgeText(closure(kinds), text).map(({ severity, fix }) => [severity, fix?.guess ?? false]);
    expect(severities(['linked'])).toEqual([['warning', false]]);
    expect(severities(['header'])).toEqual([['information', true]]);
    // The linker reads a library for itself if the image links it.
    expect(severities(['library'])).toEqual([['warning', false]]);
    const asked = use('dev-util/pkgconf', ['program'], { licence: 'closure', through: ['dev-build/cmake'] });
    const record = makeRecord(text, { uses: [{ ...asked, atom: 'virtual/pkgconfig' }] });
    expect(judgeText(record, text).map(({ severity }) => severity)).toEqual(['warning']);
  });

  test('an atom that stands under the opposite flag is moved', () => {
    const opposite = ebuild(
      'RDEPEND="\n\tmedia-libs/libpng\n\t!ssl? ( sys-libs/zlib )\n"\nDEPEND="${RDEPEND}"\n',
    );
    const record = makeRecord(opposite, {
      iuse: ['ssl'],
      removals: [removal('DEPEND', 'sys-libs/zlib')],
      variants: [
        makeRecord(opposite, {
          iuse: ['ssl'],
          use: ['ssl'],
          uses: [
            use('sys-libs/zlib', ['library', 'linked'], {
              licence: 'closure',
              through: ['media-libs/libpng'],
            }),
          ],
        }),
      ],
    });
    expect(judgeText(record, opposite).map(({ message }) => message)).toEqual([
      'Declare ssl? ( sys-libs/zlib ) instead of !ssl? ( sys-libs/zlib ): the build uses /usr/lib64/libtool.so of sys-libs/zlib, which is visible only because media-libs/libpng needs it.',
    ]);
    expect(clicked(record, opposite)).toBe(
      ebuild('RDEPEND="\n\tmedia-libs/libpng\n\tssl? ( sys-libs/zlib )\n"\nDEPEND="${RDEPEND}"\n'),
    );
    // If a build needs it where it is declared, it stays there.
    const needed = { ...record, removals: [removal('DEPEND', 'sys-libs/zlib', 'fails')] };
    expect(clicked(needed, opposite)).toContain('!ssl? ( sys-libs/zlib )');
  });

  test('what is missing is not said twice', () => {
    const record = { ...closure(['linked']), needs: [need('RDEPEND', 'sys-libs/zlib')] };
    expect(codes(record, text)).toEqual(['missing-rdepend']);
  });

  test('nor where the mend of what RDEPEND lacks is one for DEPEND too', () => {
    const record = { ...closure(['header', 'linked']), needs: [need('RDEPEND', 'sys-libs/zlib')] };
    expect(codes(record, text)).toEqual(['missing-rdepend']);
    expect(codes(record, clicked(record, text))).toEqual([]);
    const apart = ebuild('RDEPEND="media-libs/libpng"\nDEPEND="media-libs/libpng"\n');
    expect(codes(record, apart)).toEqual(['missing-rdepend', 'transitive']);
  });

  test('data say nothing', () => {
    expect(codes(closure(['data']), text)).toEqual([]);
  });
});

describe('misplaced', () => {
  const of = (text: string, kinds: readonly UseKind[]) =>
    makeRecord(text, { uses: [use('dev-util/tool', kinds)] });

  test.each([
    [
      'DEPEND="\n\tdev-util/tool\n\tsys-libs/zlib\n"\n',
      ['program', 'data'],
      'DEPEND="\n\tsys-libs/zlib\n"\nBDEPEND="dev-util/tool"\n',
    ],
    ['DEPEND="dev-util/tool"\n', ['program', 'build-module'], 'BDEPEND="dev-util/tool"\n'],
    ['DEPEND="ssl? ( dev-util/tool )"\n', ['program'], 'BDEPEND="ssl? ( dev-util/tool )"\n'],
    ['BDEPEND="dev-util/tool"\n', ['header', 'linked'], 'DEPEND="dev-util/tool"\n'],
    ['BDEPEND="dev-util/tool"\n', ['pkg-config'], 'DEPEND="dev-util/tool"\n'],
  ] as const)('%j whose package is used as %j', (before, kinds, after) => {
    const text = ebuild(before);
    const record = { ...of(text, kinds), use: ['ssl'], iuse: ['doc', 'ssl'] };
    expect(codes(record, text)).toEqual(['misplaced']);
    const fixed = clicked(record, text);
    expect(fixed.replace(/\n+$/, '\n')).toBe(ebuild(after));
    expect(codes(record, fixed)).toEqual([]);
  });

  test('the macros of pkg-config only run its program', () => {
    const text = ebuild('DEPEND="virtual/pkgconfig"\n');
    const uses = [use('dev-util/pkgconf', ['build-module'], { atom: 'virtual/pkgconfig' })];
    const [finding] = judgeText(makeRecord(text, { uses }), text);
    expect(finding?.message).toBe(
      'Move virtual/pkgconfig from DEPEND to BDEPEND: the build only uses macros of dev-util/pkgconf.',
    );
  });

  test('says how the package is used', () => {
    const text = ebuild('DEPEND="dev-util/tool"\n');
    expect(judgeText(of(text, ['program']), text)[0]?.message).toBe(
      'Move dev-util/tool from DEPEND to BDEPEND: the build only runs programs of dev-util/tool.',
    );
  });

  test.each([
    ['used in both ways', 'DEPEND="dev-util/tool"\n', ['program', 'header']],
    ['only its macros were read', 'DEPEND="dev-util/tool"\n', ['build-module']],
    ['RDEPEND holds it', 'RDEPEND="dev-util/tool"\nDEPEND="${RDEPEND}"\n', ['program']],
    ['a helper variable holds it', 'T="dev-util/tool"\nDEPEND="${T}"\n', ['program']],
    ['BDEPEND has it too', 'DEPEND="dev-util/tool"\nBDEPEND="dev-util/tool"\n', ['program']],
    ['one choice of several', 'DEPEND="|| ( dev-util/tool dev-util/other )"\n', ['program']],
    ['run, and a header read', 'BDEPEND="dev-util/tool"\n', ['program', 'header']],
    ['not used at all', 'DEPEND="dev-util/tool"\n', []],
  ] as const)('not where it is %s', (_why, dependencies, kinds) => {
    const text = ebuild(dependencies);
    expect(codes(of(text, kinds), text)).toEqual([]);
  });

  test('not before EAPI 7, which has no BDEPEND', () => {
    const text = ebuild('DEPEND="dev-util/tool"\n', '6');
    expect(codes(of(text, ['program']), text)).toEqual([]);
  });

  test('not where the build ended before it could be used otherwise', () => {
    const text = ebuild('DEPEND="dev-util/tool"\n');
    expect(codes({ ...of(text, ['program']), outcome: 'failed' }, text)).toEqual([]);
  });

  test('a virtual is placed by what it stands for', () => {
    const text = ebuild('DEPEND="virtual/pkgconfig"\n');
    const record = makeRecord(text, {
      uses: [use('dev-util/pkgconf', ['program'], { atom: 'virtual/pkgconfig' })],
    });
    expect(clicked(record, text).trimEnd()).toBe(ebuild('BDEPEND="virtual/pkgconfig"'));
  });
});

describe('unused', () => {
  const text = ebuild('DEPEND="\n\tdev-libs/foo\n\tsys-libs/zlib\n"\n');
  const record = makeRecord(text, { removals: [removal('DEPEND', 'dev-libs/foo')] });

  test('is a hint at the atom, and removed only one by one', () => {
    const [finding] = judgeText(record, text);
    expect([finding?.severity, finding?.message]).toEqual([
      'hint',
      'Remove dev-libs/foo from DEPEND if nothing else needs it: the build without it installs the same image.',
    ]);
    expect(text.slice(finding?.range.start, finding?.range.end)).toBe('dev-libs/foo');
    expect(clicked(record, text)).toBe(ebuild('DEPEND="\n\tsys-libs/zlib\n"\n'));
    expect(untouchedByFixAll(record, text)).toBe(true);
  });

  test('also where only bash knows a part of the atom', () => {
    const partial = (atom: string) => ebuild(`BDEPEND="\n\t${atom}\n\tsys-libs/zlib\n"\n`);
    const given = makeRecord(partial(''), {
      removals: [removal('BDEPEND', '>=dev-python/foo-1[python_targets_python3_13(-)?]')],
    });
    expect(codes(given, partial('>=dev-python/foo-1[${PYTHON_USEDEP}]'))).toEqual(['unused']);
    expect(codes(given, partial('>=dev-python/foo-${MIN}[${PYTHON_USEDEP}]'))).toEqual(['unused']);
    expect(codes(given, partial('>=dev-python/foo-2[${PYTHON_USEDEP}]'))).toEqual([]);
    expect(codes(given, partial('>=dev-python/foo-1'))).toEqual([]);
  });

  const inTest = (...chain: string[]) =>
    use('dev-util/any', ['program'], {
      kinds: [{ kind: 'program', evidence: [{ ...evidence, phase: 'test', chain: ['src_test', ...chain] }] }],
    });

  test.each([
    ['a src_test of its own', `${text}src_test() {\n\temake check\n}\n`, {}],
    ['USE=test', text, { iuse: ['test'], use: ['test'] }],
    ['a program that make runs', text, { uses: [inTest('emake', 'make', 'ctest')] }],
  ] as const)('says that the tests were run, of %s', (_, tested, more) => {
    const given = makeRecord(tested, {
      ...more,
      removals: [removal('DEPEND', 'dev-libs/foo', 'same', true)],
    });
    expect(judgeText(given, tested)[0]?.message).toBe(
      'Remove dev-libs/foo from DEPEND if nothing else needs it: the build without it installs the same image and passes src_test.',
    );
  });

  test('does not say so if there is no test', () => {
    const given = makeRecord(text, {
      uses: [inTest('emake', 'make', 'sh')],
      removals: [removal('DEPEND', 'dev-libs/foo', 'same', true)],
    });
    expect(judgeText(given, text)[0]?.message).not.toContain('src_test');
  });

  test.each(['differs', 'fails', 'untried'] as const)('not where the build without it %s', (outcome) => {
    expect(codes(makeRecord(text, { removals: [removal('DEPEND', 'dev-libs/foo', outcome)] }), text)).toEqual(
      [],
    );
  });

  test.each([
    ['RDEPEND refers to DEPEND', 'DEPEND="dev-libs/foo"\nRDEPEND="${DEPEND}"\n'],
    ['a helper variable of both', 'COMMON="dev-libs/foo"\nDEPEND="${COMMON}"\nRDEPEND="${COMMON}"\n'],
    ['it is not there any more', 'DEPEND="sys-libs/zlib"\n'],
    ['it is another atom now', 'DEPEND=">=dev-libs/foo-2"\n'],
    ['it is in another variable', 'BDEPEND="dev-libs/foo"\n'],
  ])('not where %s', (_why, dependencies) => {
    expect(codes(record, ebuild(dependencies))).toEqual([]);
  });

  test('in every USE state in which it is active', () => {
    const conditional = ebuild('DEPEND="\n\tssl? ( dev-libs/foo )\n\tsys-libs/zlib\n"\n');
    const iuse = ['doc', 'ssl'];
    const on = makeRecord(conditional, { iuse, use: ['ssl'], removals: record.removals });
    const off = makeRecord(conditional, { iuse });
    const both = makeRecord(conditional, { iuse, use: ['doc', 'ssl'] });
    expect(codes({ ...off, variants: [on] }, conditional)).toEqual(['unused']);
    expect(codes({ ...off, variants: [on, both] }, conditional)).toEqual([]);
    expect(codes(off, conditional)).toEqual([]);
  });

  test('of a group of choices the whole group', () => {
    const group = ebuild(
      'DEPEND="\n\t|| ( dev-libs/foo dev-libs/bar dev-libs/absent )\n\tsys-libs/zlib\n"\n',
    );
    const withAllUnused = makeRecord(group, {
      removals: [removal('DEPEND', 'dev-libs/foo'), removal('DEPEND', 'dev-libs/bar')],
    });
    expect(codes(withAllUnused, group)).toEqual(['unused']);
    expect(clicked(withAllUnused, group)).toBe(ebuild('DEPEND="\n\tsys-libs/zlib\n"\n'));
    const withOneUnused = makeRecord(group, {
      removals: [removal('DEPEND', 'dev-libs/foo'), removal('DEPEND', 'dev-libs/bar', 'differs')],
    });
    expect(codes(withOneUnused, group)).toEqual([]);
  });
});

describe('missing-slot-operator', () => {
  const linked = [use('media-libs/libpng:0/16', ['header', 'linked'])];

  test.each([
    [
      'RDEPEND="\n\tmedia-libs/libpng\n"\nDEPEND="${RDEPEND}"\n',
      'RDEPEND="\n\tmedia-libs/libpng:=\n"\nDEPEND="${RDEPEND}"\n',
    ],
    [
      'RDEPEND="media-libs/libpng"\nDEPEND="media-libs/libpng:="\n',
      'RDEPEND="media-libs/libpng:="\nDEPEND="media-libs/libpng:="\n',
    ],
    [
      'RDEPEND=">=media-libs/libpng-1.6[apng]"\nDEPEND="media-libs/libpng:0"\n',
      'RDEPEND=">=media-libs/libpng-1.6:=[apng]"\nDEPEND="media-libs/libpng:0="\n',
    ],
  ])('%j becomes %j', (before, after) => {
    const text = ebuild(before);
    const record = makeRecord(text, { uses: linked });
    expect(codes(record, text)).toEqual(['missing-slot-operator']);
    expect(clicked(record, text)).toBe(ebuild(after));
    expect(codes(record, ebuild(after))).toEqual([]);
    expect(untouchedByFixAll(record, text)).toBe(true);
  });

  test('names what links it', () => {
    const text = ebuild('RDEPEND="media-libs/libpng"\nDEPEND="${RDEPEND}"\n');
    expect(judgeText(makeRecord(text, { uses: linked }), text)[0]?.message).toBe(
      'Write media-libs/libpng:= with the slot operator: /usr/bin/hello links media-libs/libpng, and is not rebuilt when subslot 16 of slot 0 changes, because the atom has no slot operator.',
    );
  });

  test('is for the virtual that an author names for the library', () => {
    const atom = 'virtual/libudev:=';
    const record = (text: string) =>
      makeRecord(text, { uses: [use('sys-apps/systemd-utils:0/0', ['header', 'linked'], { atom })] });
    const text = ebuild('RDEPEND="virtual/libudev"\nDEPEND="${RDEPEND}"\n');
    expect(judgeText(record(text), text)[0]?.message).toBe(
      'Write virtual/libudev:= with the slot operator: /usr/bin/hello links sys-apps/systemd-utils, and is not rebuilt when the subslot of virtual/libudev changes, because the atom has no slot operator.',
    );
    expect(clicked(record(text), text)).toBe(ebuild('RDEPEND="virtual/libudev:="\nDEPEND="${RDEPEND}"\n'));
    const direct = ebuild('RDEPEND="sys-apps/systemd-utils"\nDEPEND="${RDEPEND}"\n');
    expect(codes(record(direct), direct)).toEqual(['prefer-virtual']);
  });

  test.each([
    ['it takes any slot', 'RDEPEND="media-libs/libpng:*"\nDEPEND="${RDEPEND}"\n'],
    ['another atom says it', 'RDEPEND=">=media-libs/libpng-1\n\tmedia-libs/libpng:="\nDEPEND="${RDEPEND}"\n'],
    ['it is one choice', 'RDEPEND="|| ( media-libs/libpng x/y )"\nDEPEND="${RDEPEND}"\n'],
    ['only a blocker names it', 'RDEPEND="!media-libs/libpng"\n'],
    ['only DEPEND lacks it', 'RDEPEND="media-libs/libpng:="\nDEPEND="media-libs/libpng"\n'],
  ])('not where %s', (_why, dependencies) => {
    const text = ebuild(dependencies);
    expect(codes(makeRecord(text, { uses: linked }), text)).toEqual([]);
  });

  test.each([
    [
      'RDEPEND="media-libs/libpng:0/16"\nDEPEND="${RDEPEND}"\n',
      'RDEPEND="media-libs/libpng:="\nDEPEND="${RDEPEND}"\n',
    ],
    [
      'RDEPEND="x? ( media-libs/libpng:0/16[apng] )"\nDEPEND="media-libs/libpng:0/16"\n',
      'RDEPEND="x? ( media-libs/libpng:=[apng] )"\nDEPEND="media-libs/libpng:="\n',
    ],
    [
      'RDEPEND="media-libs/libpng:0/16"\nDEPEND="media-libs/libpng:="\n',
      'RDEPEND="media-libs/libpng:="\nDEPEND="media-libs/libpng:="\n',
    ],
  ])('a subslot that ties the ebuild to one version: %j becomes %j', (before, after) => {
    const text = ebuild(before);
    const record = makeRecord(text, { iuse: ['x'], uses: linked });
    expect(codes(record, text)).toEqual(['missing-slot-operator']);
    expect(fixAll(text, (changed) => ({ findings: judgeText(record, changed) }))).toBe(ebuild(after));
  });

  test('a subslot becomes the slot if the package has slots, and a version beside it makes the edit a guess', () => {
    const slotted = [use('dev-libs/x:3/9', ['linked'], { atom: 'dev-libs/x:3=' })];
    const text = ebuild('RDEPEND="<dev-libs/x-4:3/9"\n');
    const record = makeRecord(text, { uses: slotted });
    expect(judgeText(record, text)[0]?.message).toBe(
      'Write <dev-libs/x-4:3=, or ask for a range of versions if only this ABI works: /usr/bin/hello links dev-libs/x, and its atom accepts only subslot 9, so that no update of the library can be installed.',
    );
    expect(clicked(record, text)).toBe(ebuild('RDEPEND="<dev-libs/x-4:3="\n'));
    expect(untouchedByFixAll(record, text)).toBe(true);
  });

  test.each(['media-libs/libpng', 'media-libs/libpng:0/16'])(
    'not of %s if another build would not link it anew',
    (atom) => {
      const text = ebuild(`RDEPEND="${atom}"\nDEPEND="\${RDEPEND}"\n`);
      const prebuilt = [use('media-libs/libpng:0/16', ['linked'], { relinked: false })];
      expect(codes(makeRecord(text, { uses: prebuilt }), text)).toEqual([]);
    },
  );

  test('not where there is no subslot, nothing links it, or the EAPI has no slot operators', () => {
    const text = ebuild('RDEPEND="media-libs/libpng"\nDEPEND="${RDEPEND}"\n');
    expect(codes(makeRecord(text, { uses: [use('media-libs/libpng', ['linked'])] }), text)).toEqual([]);
    expect(codes(makeRecord(text, { uses: [use('media-libs/libpng:0/16', ['header'])] }), text)).toEqual([]);
    const old = ebuild('RDEPEND="media-libs/libpng"\nDEPEND="${RDEPEND}"\n', '4');
    expect(codes(makeRecord(old, { uses: linked }), old)).toEqual([]);
  });
});

describe('prefer-virtual', () => {
  const zlib = use('sys-libs/zlib:0/1', ['header', 'linked'], { atom: 'virtual/zlib:=' });

  test.each([
    ['RDEPEND="sys-libs/zlib:="\nDEPEND="${RDEPEND}"\n', 'RDEPEND="virtual/zlib:="\nDEPEND="${RDEPEND}"\n'],
    [
      'RDEPEND="ssl? ( sys-libs/zlib:= )"\nDEPEND="sys-libs/zlib:="\n',
      'RDEPEND="ssl? ( virtual/zlib:= )"\nDEPEND="virtual/zlib:="\n',
    ],
  ])('%j becomes %j', (before, after) => {
    const text = ebuild(before);
    const record = makeRecord(text, { iuse: ['ssl'], use: ['ssl'], uses: [zlib] });
    expect(judgeText(record, text).map(({ code, severity }) => [code, severity])).toEqual([
      ['prefer-virtual', 'hint'],
    ]);
    expect(judgeText(record, text)[0]?.message).toBe(
      'Write virtual/zlib:= if other packages will do, too: virtual/zlib stands for everything that is used of sys-libs/zlib.',
    );
    expect(clicked(record, text)).toBe(ebuild(after));
    expect(codes(record, ebuild(after))).toEqual([]);
    expect(untouchedByFixAll(record, text)).toBe(true);
  });

  test.each([
    ['a version', 'RDEPEND=">=sys-libs/zlib-1.3:="\n'],
    ['a flag of it', 'RDEPEND="sys-libs/zlib:=[minizip]"\n'],
    ['it is one choice', 'RDEPEND="|| ( sys-libs/zlib virtual/foo )"\n'],
    ['a USE flag is named for it', 'RDEPEND="zlib? ( sys-libs/zlib:= )"\n'],
    ['the virtual stands beside it', 'RDEPEND="virtual/zlib:= sys-libs/zlib:="\n'],
  ])('not where %s', (_why, dependencies) => {
    const text = ebuild(dependencies);
    const record = makeRecord(text, { iuse: ['zlib'], use: ['zlib'], uses: [zlib] });
    expect(codes(record, text)).toEqual([]);
  });

  test('not where another file of the package was used', () => {
    const text = ebuild('RDEPEND="sys-libs/zlib:="\nDEPEND="${RDEPEND}"\n');
    const other = use('sys-libs/zlib:0/1', ['linked'], { atom: 'sys-libs/zlib:=' });
    expect(codes(makeRecord(text, { uses: [zlib, other] }), text)).toEqual([]);
    expect(codes(makeRecord(text, { uses: [other] }), text)).toEqual([]);
  });
});

describe('what else a build did', () => {
  const incident = (kind: Incident['kind'], phase: string, path: string): Incident => ({
    kind,
    evidence: {
      ...evidence,
      phase,
      path,
      result: 'seen',
      count: 1,
      chain: [`src_${phase}`, 'curl'],
      operation: 'read',
    },
  });

  test('network-access is shown at the function of its phase, once', () => {
    const text = `${ebuild('')}src_compile() {\n\tcurl x\n}\n`;
    const record = makeRecord(text, {
      outcome: 'failed',
      incidents: [
        incident('network-access', 'compile', '192.0.2.1:443'),
        incident('network-access', 'compile', '192.0.2.2:443'),
      ],
    });
    const findings = judgeText(record, text);
    expect(findings.map(({ severity, message }) => [severity, message])).toEqual([
      [
        'error',
        'Add what is downloaded to SRC_URI, or switch the download off: src_compile tries to connect to 192.0.2.1:443, and a build has no network.',
      ],
    ]);
    expect(text.slice(findings[0]?.range.start, findings[0]?.range.end)).toBe('src_compile');
    expect(findings[0]?.evidence).toHaveLength(2);
  });

  test.each([
    ['unpack', 'PROPERTIES="live"\n', []],
    ['unpack', 'inherit git-r3\n', []],
    ['compile', 'inherit git-r3\n', ['network-access']],
    ['test', 'PROPERTIES="test_network"\n', []],
    ['test', 'PROPERTIES="live"\n', ['network-access']],
    ['compile', 'RESTRICT="network-sandbox"\n', []],
  ])('network access in src_%s with %j: %j', (phase, line, expected) => {
    const text = ebuild(line);
    expect(codes(makeRecord(text, { incidents: [incident('network-access', phase, 'x')] }), text)).toEqual(
      expected,
    );
  });

  test('a live ebuild whose sources could not be fetched is told that a trial has no network', () => {
    const text = ebuild('inherit git-r3\n');
    const record = makeRecord(text, {
      outcome: 'failed',
      failure: { phase: 'unpack', firstError: 'fatal: unable to access' },
      incidents: [incident('network-access', 'unpack', '192.0.2.1:443')],
    });
    expect(judgeText(record, text).map(({ severity, message }) => [severity, message])).toEqual([
      [
        'warning',
        'Run the trial on a version whose sources SRC_URI names: src_unpack fetches the sources of a live ebuild, and a trial has no network.',
      ],
    ]);
  });

  test('unowned-file says who used it, each file once', () => {
    const text = ebuild('');
    const access = incident('unowned-file', 'compile', '/usr/local/include/x.h');
    const findings = judgeText(makeRecord(text, { incidents: [access, access] }), text);
    expect(
      findings.map(({ severity, message, range }) => [severity, message, text.slice(range.start, range.end)]),
    ).toEqual([
      [
        'information',
        'The build uses /usr/local/include/x.h, which no package owns and no dependency can bring: src_compile › curl read /usr/local/include/x.h.',
        'EAPI=8',
      ],
    ]);
  });
});

test('a hint does not explain why a build failed', () => {
  const text = ebuild('DEPEND="sys-libs/zlib"\n');
  const record = makeRecord(text, {
    outcome: 'failed',
    uses: [use('dev-libs/x', ['header'], { licence: 'closure', through: ['sys-libs/zlib'] })],
  });
  const verdict = judge(record, parseEbuild(text, bash));
  expect(verdict.findings.map(({ code }) => code)).toEqual(['transitive']);
  expect(verdict.state).toBe('not-verified');
});

test('a slot of a package is a package of its own', () => {
  const text = ebuild('DEPEND="x11-libs/gtk+:2"\n');
  const record = makeRecord(text, {
    needs: [
      need('DEPEND', 'x11-libs/gtk+:3', {
        atom: 'x11-libs/gtk+:3',
        package: recordedPackage('x11-libs/gtk+:3'),
      }),
    ],
  });
  expect(codes(record, text)).toEqual(['missing-depend']);
});

describe('missing-use-dependency', () => {
  const gtk = use('x11-libs/gtk+:3', ['header', 'description'], { flags: ['introspection'] });
  const text = (atom: string, iuse = '') => ebuild(`IUSE="${iuse}"\nDEPEND="${atom}"\n`);
  const asked = (atom: string, iuse = '', enabled = '') => {
    const written = text(atom, iuse);
    const record = makeRecord(written, { uses: [gtk], use: [enabled], iuse: [iuse] });
    const found = codes(record, written);
    return found.includes('missing-use-dependency') ? fixAllOf(record, written) : found;
  };

  test('asks for the flag that installs what the build uses', () => {
    expect(asked('x11-libs/gtk+:3')).toBe(text('x11-libs/gtk+:3[introspection]'));
    expect(asked('>=x11-libs/gtk+-3.20:3=[X]')).toBe(text('>=x11-libs/gtk+-3.20:3=[X,introspection]'));
  });

  test('follows the flag of the ebuild, unless the atom is under it', () => {
    const own = ['introspection', 'introspection'] as const;
    expect(asked('x11-libs/gtk+:3', ...own)).toBe(text('x11-libs/gtk+:3[introspection?]', own[0]));
    expect(asked('introspection? ( x11-libs/gtk+:3 )', ...own)).toBe(
      text('introspection? ( x11-libs/gtk+:3[introspection] )', own[0]),
    );
  });

  test('is silent where the atom asks for it, or may', () => {
    for (const atom of [
      'x11-libs/gtk+:3[introspection]',
      'x11-libs/gtk+:3[introspection?]',
      'x11-libs/gtk+:3[${GTK}]',
    ])
      expect(asked(atom)).toEqual([]);
  });
});

describe('refused-version', () => {
  const text = ebuild('DEPEND="dev-libs/expat:="\n');
  const asks = (operator: '>=' | '<' | '=', version: string) =>
    use('dev-libs/expat', ['cmake'], { bounds: [{ operator, version, statedBy: 'CMakeLists.txt:3' }] });
  const judged = (bounded: ReturnType<typeof asks>, outcome: TrialRecord['outcome']) => {
    const failure = { phase: 'configure', firstError: 'no' };
    const record = makeRecord(text, { uses: [bounded], outcome, ...(outcome === 'failed' && { failure }) });
    return judgeText(record, text)
      .filter(({ code }) => code === 'refused-version')
      .map(({ severity, message, fix }) => [severity, message, fix?.title]);
  };

  test('names the version that was asked for', () => {
    expect(judged(asks('>=', '2.9'), 'failed')).toEqual([
      [
        'error',
        'Write >=dev-libs/expat-2.9:=, or patch the check: dev-libs/expat 1.6.43 is declared and was refused, because CMakeLists.txt:3 asks for >= 2.9.',
        'Write >=dev-libs/expat-2.9:=',
      ],
    ]);
    expect(judged(asks('<', '1.6'), 'passed')).toEqual([
      [
        'information',
        'Patch the check, or change the atom: dev-libs/expat 1.6.43 is declared and was refused, because CMakeLists.txt:3 asks for < 1.6.',
        undefined,
      ],
    ]);
  });

  test('is silent about a version that is accepted', () => {
    for (const bound of [asks('>=', '1.6.43'), asks('<', '2'), asks('=', '1.6')])
      expect(judged(bound, 'failed')).toEqual([]);
  });
});
