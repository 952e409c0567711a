# Reads C files and headers and writes "USER INCLUDED" for every two of which one includes the other, or for every two folders, as
# tsort(1) takes it. A file and its header count as one.
function place(path)
{
	if (by_folder)
		sub(/\/.*/, "", path)
	else
		sub(/\.[ch]$/, "", path)
	return path
}

/^#include "/ {
	from = place(FILENAME)
	to = $2
	gsub(/"/, "", to)
	to = place(to)
	if (from != to && !told[from, to]++)
		print from, to
}
