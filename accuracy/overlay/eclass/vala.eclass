# @ECLASS: vala.eclass
# @BLURB: finds a compiler of Vala
if [[ -z ${_VALA_ECLASS} ]]; then
_VALA_ECLASS=1

VALA_MAX_API_VERSION=${VALA_MAX_API_VERSION:-0.56}

vala_depend() { echo "dev-lang/vala:${VALA_MAX_API_VERSION}"; }

vala_setup() {
	export VALAC="$(type -P "valac-${VALA_MAX_API_VERSION}")"
	export VAPIGEN="$(type -P "vapigen-${VALA_MAX_API_VERSION}")"
	export VALA_API_GEN="${VAPIGEN}"
}

fi
