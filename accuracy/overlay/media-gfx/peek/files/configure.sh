# What a configure script does, in a few lines: one library is needed, one is asked for, one is taken when it is there,
# and one is looked for in vain.

has_header() {
	printf '#include <stdio.h>\n#include <%s>\nint main(void) { return 0; }\n' "$1" >conftest.c
	${CC} ${CFLAGS} -c conftest.c -o conftest.o 2>>config.log
}

curses=no jpeg=yes
for argument; do
	case ${argument} in
		--with-curses) curses=yes ;;
		--without-curses) curses=no ;;
		--without-jpeg) jpeg=no ;;
	esac
done

flags=$(pkg-config --cflags --libs libpng) || exit 1
if [ "${curses}" = yes ]; then
	has_header curses.h || { echo "curses was asked for and is not there"; exit 1; }
	flags="${flags} -DCURSES -lncurses -ltinfo"
fi
if [ "${jpeg}" = yes ] && has_header jpeglib.h; then
	flags="${flags} -DJPEG -ljpeg"
fi
has_header openssl/ssl.h && echo "openssl is there, and nobody uses it"

printf 'peek: peek.c\n\t%s %s peek.c -o peek %s\n' "${CC}" "${CFLAGS}" "${LDFLAGS} ${flags}" >Makefile
