# @ECLASS: distutils-r1.eclass
# @BLURB: builds and installs wheels (PEP 517) with the backend that DISTUTILS_USE_PEP517 names
case ${EAPI} in
	8) ;;
	*) die "${ECLASS}: EAPI ${EAPI:-0} is not supported" ;;
esac

if [[ -z ${_DISTUTILS_R1_ECLASS} ]]; then
_DISTUTILS_R1_ECLASS=1

inherit python-r1 toolchain-funcs

RDEPEND="${PYTHON_DEPS}"
BDEPEND="${PYTHON_DEPS}"
REQUIRED_USE="${PYTHON_REQUIRED_USE}"
if [[ -n ${DISTUTILS_EXT} ]]; then
	DEPEND="${PYTHON_DEPS}"
fi
case ${DISTUTILS_USE_PEP517} in
	flit)
		BDEPEND+=" dev-python/flit-core[${PYTHON_USEDEP}]"
		_DISTUTILS_BACKEND=flit_core.buildapi
		;;
	setuptools)
		BDEPEND+=" dev-python/setuptools[${PYTHON_USEDEP}] dev-python/wheel[${PYTHON_USEDEP}]"
		_DISTUTILS_BACKEND=setuptools.build_meta:__legacy__
		;;
	*)
		die "DISTUTILS_USE_PEP517=${DISTUTILS_USE_PEP517} is not supported"
		;;
esac

distutils_pep517_install() {
	mkdir -p "${BUILD_DIR}" || die
	"${EPYTHON}" - "${_DISTUTILS_BACKEND}" "${BUILD_DIR}" "${D}" "$(python_get_sitedir)" <<- 'EOF' || die "no wheel"
		import configparser, importlib, os, sys, zipfile
		backend, build, image, site = sys.argv[1:]
		sys.path.insert(0, os.getcwd())
		module, _, attribute = backend.partition(":")
		hooks = importlib.import_module(module)
		hooks = getattr(hooks, attribute) if attribute else hooks
		wheel = zipfile.ZipFile(os.path.join(build, hooks.build_wheel(build)))
		for name in wheel.namelist():
		    if name.endswith("/") or name.endswith(".dist-info/RECORD"):
		        continue
		    top, _, rest = name.partition("/")
		    target = image + site + "/" + name
		    if top.endswith(".data"):
		        kind, _, rest = rest.partition("/")
		        places = {"scripts": "/usr/bin/", "data": "/usr/", "purelib": site + "/", "platlib": site + "/"}
		        target = image + places[kind] + rest
		    os.makedirs(os.path.dirname(target), exist_ok=True)
		    with open(target, "wb") as file:
		        file.write(wheel.read(name).replace(b"#!python\n", b"#!" + sys.executable.encode() + b"\n", 1))
		    if "/bin/" in target[len(image):]:
		        os.chmod(target, 0o755)
		    if not name.endswith(".dist-info/entry_points.txt"):
		        continue
		    entries = configparser.ConfigParser(delimiters=("=",))
		    entries.optionxform = str
		    entries.read_string(wheel.read(name).decode())
		    for script, place in dict(entries["console_scripts"] if "console_scripts" in entries else {}).items():
		        module, _, function = place.partition(":")
		        os.makedirs(image + "/usr/bin", exist_ok=True)
		        with open(image + "/usr/bin/" + script, "w") as file:
		            file.write(f"#!{sys.executable}\nimport sys\nfrom {module} import {function}\nsys.exit({function}())\n")
		        os.chmod(image + "/usr/bin/" + script, 0o755)
	EOF
}

distutils-r1_src_compile() {
	tc-export CC CXX PKG_CONFIG
}

distutils-r1_src_install() {
	python_foreach_impl distutils_pep517_install
	einstalldocs
}

fi

EXPORT_FUNCTIONS src_compile src_install
