# @ECLASS: python-r1.eclass
# @BLURB: builds for each Python of PYTHON_TARGETS
case ${EAPI} in
	8) ;;
	*) die "${ECLASS}: EAPI ${EAPI:-0} is not supported" ;;
esac

if [[ -z ${_PYTHON_R1_ECLASS} ]]; then
_PYTHON_R1_ECLASS=1

PYTHON_DEPS=
PYTHON_USEDEP=
PYTHON_REQUIRED_USE=
for _impl in "${PYTHON_COMPAT[@]}"; do
	_version=${_impl#python}
	IUSE+=" python_targets_${_impl}"
	PYTHON_DEPS+=" python_targets_${_impl}? ( dev-lang/python:${_version/_/.} )"
	PYTHON_USEDEP+=",python_targets_${_impl}(-)?"
	PYTHON_REQUIRED_USE+=" python_targets_${_impl}"
done
PYTHON_USEDEP=${PYTHON_USEDEP#,}
PYTHON_REQUIRED_USE="|| (${PYTHON_REQUIRED_USE} )"
unset _impl _version

# Prints the words for each Python, under its flag and with PYTHON_USEDEP replaced.
python_gen_cond_dep() {
	local impl words=
	for impl in "${PYTHON_COMPAT[@]}"; do
		words+=" python_targets_${impl}? ( ${1//'${PYTHON_USEDEP}'/python_targets_${impl}(-)} )"
	done
	echo "${words}"
}

python_setup() {
	local impl
	for impl in "${PYTHON_COMPAT[@]}"; do
		use "python_targets_${impl}" || continue
		export EPYTHON=${impl/_/.}
		export PYTHON="${EPREFIX}/usr/bin/${EPYTHON}"
	done
}

python_foreach_impl() {
	local impl
	for impl in "${PYTHON_COMPAT[@]}"; do
		use "python_targets_${impl}" || continue
		local -x EPYTHON=${impl/_/.}
		local -x PYTHON="${EPREFIX}/usr/bin/${EPYTHON}"
		local -x BUILD_DIR="${WORKDIR}/${P}-${EPYTHON}"
		"$@" || die "${EPYTHON}: ${1} failed"
	done
}

python_get_sitedir() { echo "${EPREFIX}/usr/lib/${EPYTHON}/site-packages"; }

fi
