/** What the words of some variables mean, by variable. Code stands between backticks. */
export const VALUES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  // PMS 7.3.6, and ebuild(5) for those of Portage.
  RESTRICT: {
    test: '`src_test` is not run.',
    strip: 'Installed files are not stripped.',
    mirror: 'The sources may not be mirrored.',
    fetch: 'The sources cannot be downloaded; `pkg_nofetch` tells the user where to get them.',
    bindist: 'Binary packages may not be distributed.',
    userpriv: 'The build keeps the privileges of the superuser.',
    binchecks: 'Portage skips its checks of installed programs and libraries.',
    dedupdebug: 'Portage does not deduplicate debug information.',
    installsources: 'Portage does not install the sources for debuggers.',
    'network-sandbox': 'Portage lets the build use the network.',
    'preserve-libs': 'Portage does not keep old libraries that are still used.',
    primaryuri: 'Portage tries the URIs of SRC_URI before the mirrors.',
    splitdebug: 'Portage does not split debug information off.',
  },
  // PMS 7.3.5, and ebuild(5) for those of Portage.
  PROPERTIES: {
    interactive: 'The package may ask the user something on the terminal.',
    live: 'The sources come from a repository and change over time.',
    test_network: 'The tests need the network.',
    test_privileged: 'The tests need the privileges of the superuser.',
    test_userpriv: 'The tests must run without the privileges of the superuser.',
  },
  EAPI: {
    '0': 'The first one. Gentoo does not take it any more.',
    '5': 'Subslots, `:=`, `usex`. Gentoo does not take it any more.',
    '6': '`eapply`, `einstalldocs`, `in_iuse`. Gentoo does not take it any more.',
    '7': '`BDEPEND`, `BROOT` and `SYSROOT`, `ver_cut`, `ver_rs`, `ver_test`, `dostrip`. D and ROOT end without a slash.',
    '8': '`IDEPEND`, `fetch+` and `mirror+` in SRC_URI, `dosym -r`, `usev` with a second argument. `econf` passes `--disable-static`.',
    '9': '`pipestatus`, `ver_replacing`, `edo`; bash 5.3. Variables of the package manager are not exported.',
  },
};
