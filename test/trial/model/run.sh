# A package manager of a few lines, for test/trial/model: sources an ebuild and runs its phases as PMS says, without a sandbox.
#
# usage: run.sh metadata|build PHASE... – with MODEL_ROOT, MODEL_HIDDEN (a file of hidden paths), MODEL_TRACE (a file for what was named),
# MODEL_EBUILD, MODEL_REPOSITORY, FILESDIR, WORK (the work folder) and USE.
# What a process would name to the kernel is written to the trace: `KIND SHOWN PATH`, one to a line.

exec 9>> "$MODEL_TRACE"
declare -A HIDDEN_PATHS
while read -r path; do HIDDEN_PATHS[$path]=1; done < "$MODEL_HIDDEN"

is_shown() {
	local at=$1
	while [[ -n $at ]]; do
		[[ ${HIDDEN_PATHS[$at]} ]] && return 1
		at=${at%/*}
	done
	[[ -e $MODEL_ROOT$1 || -L $MODEL_ROOT$1 ]]
}
name_path() { if is_shown "$2"; then echo "$1 y $2" >&9; else echo "$1 n $2" >&9; return 1; fi; }

# Functions for ebuilds.
die() { echo " * ERROR: $*"; exit 1; }
look() { name_path stat "$1"; }
need() { name_path open "$1" || die "main.c:1:10: fatal error: ${1##*/}: No such file or directory"; }
show() { name_path open "$1" && echo "$(< "$MODEL_ROOT$1")"; }
tool() { name_path run "/usr/bin/$1" && echo "$(< "$MODEL_ROOT/usr/bin/$1")"; }
list() {
	name_path list "$1" || return
	local path folder=$MODEL_ROOT$1
	[[ -L $folder ]] && folder=$MODEL_ROOT$(readlink "$folder")
	for path in "$folder"/*; do is_shown "${path#"$MODEL_ROOT"}" && echo "${path##*/}"; done
}
of_repository() { echo "open y $MODEL_REPOSITORY_SHOWN/$1" >&9; [[ -e $MODEL_REPOSITORY/$1 ]] && echo "$(< "$MODEL_REPOSITORY/$1")"; }
# What is noted is installed, and decides what is looked at, so that it shows in a record.
note() {
	echo "$*" >> "$WORK/state"
	local sum
	read -r sum _ < <(echo "$*" | cksum)
	look "${LOOKED_AT[sum % ${#LOOKED_AT[@]}]}" || :
}
LOOKED_AT=(/usr/include/{a,b,below,base}.h /usr/lib/liba.so /usr/bin/{t,u} /usr/share/u/data)
gen() { echo "$*"; }
use() { [[ " $USE " == *" $1 "* ]]; }

inherit() {
	local eclass variable
	for eclass; do
		INHERITED+="${INHERITED:+ }$eclass"
		local kept_DEPEND=$DEPEND kept_RDEPEND=$RDEPEND kept_BDEPEND=$BDEPEND
		unset DEPEND RDEPEND BDEPEND
		echo "open y $MODEL_REPOSITORY_SHOWN/eclass/$eclass.eclass" >&9
		source "$MODEL_REPOSITORY/eclass/$eclass.eclass" || die "$eclass.eclass could not be found"
		E_DEPEND+=" $DEPEND" E_RDEPEND+=" $RDEPEND" E_BDEPEND+=" $BDEPEND"
		DEPEND=$kept_DEPEND RDEPEND=$kept_RDEPEND BDEPEND=$kept_BDEPEND
	done
}
source_ebuild() { INHERITED= E_DEPEND= E_RDEPEND= E_BDEPEND=; source "$MODEL_EBUILD"; }

if [[ $1 == metadata ]]; then
	EBUILD_PHASE=depend
	source_ebuild
	printf '%s\0' "$EAPI" "$SLOT" "$IUSE" "$INHERITED" "$DEPEND $E_DEPEND" "$RDEPEND $E_RDEPEND" "$BDEPEND $E_BDEPEND" "$USE" \
		"$(declare -F | while read -r _ _ name; do [[ $name == src_* ]] && echo -n "${name#src_} "; done)"
	exit 0
fi

shift
# A package manager reads the metadata before it begins, with the folder of the build in its place.
( EBUILD_PHASE=depend; source_ebuild )
if [[ -e $WORK/environment ]]; then
	source "$WORK/environment"
else
	EBUILD_PHASE=$1
	source_ebuild
fi
for EBUILD_PHASE; do
	echo "phase y $EBUILD_PHASE" >&9
	if declare -F "src_$EBUILD_PHASE" > /dev/null; then "src_$EBUILD_PHASE"; fi
done
if [[ $EBUILD_PHASE == install ]]; then
	[[ -d $WORK/image/usr/share ]] || mkdir -p "$WORK/image/usr/share"
	[[ -e $WORK/state ]] && echo "$(< "$WORK/state")" > "$WORK/image/usr/share/state"
fi
{
	declare -f
	for name in $(compgen -v); do
		[[ $name =~ ^[A-Z][A-Z_]*$ ]] || continue
		case $name in BASH*|EUID|UID|PPID|SHELLOPTS|LINENO|RANDOM|SECONDS|EPOCH*|SRANDOM|FUNCNAME|GROUPS|DIRSTACK|PIPESTATUS|PWD|OLDPWD|SHLVL|MODEL_*|WORK|FILESDIR|HIDDEN_PATHS|IFS|PATH|EBUILD_PHASE|COMP*|HOST*|MACHTYPE|OSTYPE|OPTIND|OPTERR|PS4|USE) continue ;; esac
		declare -p "$name" 2> /dev/null
	done
} > "$WORK/environment"
exit 0
