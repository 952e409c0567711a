# Reads the symbols of object files (nm -A -P -g) and writes "USER DEFINER" for every two files of which one uses what the other
# defines, or for every two folders, as tsort(1) takes it. `top` is what the names of all files begin with.
function place(object)
{
	object = substr(object, length(top) + 1)
	sub(/\.o:$/, ".c", object)
	if (by_folder)
		sub(/\/.*/, "", object)
	return object
}

$3 == "U" {
	user[++uses] = $1
	used[uses] = $2
	next
}

{ definer[$2] = $1 }

END {
	for (i = 1; i <= uses; i++) {
		if (!(used[i] in definer))
			continue
		from = place(user[i])
		to = place(definer[used[i]])
		if (from != to && !told[from, to]++)
			print from, to
	}
}
