/*
 * Variables that give back what they hold when their scope ends (the `cleanup` attribute of gcc and clang).
 *
 * It does not matter in which way the scope ends. errno stays as it was. Whoever hands a descriptor on takes it out of its variable.
 */
#ifndef EBUILD_AUDIT_CLEANUP_H
#define EBUILD_AUDIT_CLEANUP_H

/* An int: a descriptor, or a negative number for none. */
#define AUTO_CLOSE __attribute__((cleanup(close_descriptor)))
/* A DIR *, or NULL. */
#define AUTO_CLOSE_FOLDER __attribute__((cleanup(close_folder)))
/* A FILE *, or NULL. */
#define AUTO_CLOSE_FILE __attribute__((cleanup(close_file)))
/* A pointer to memory of malloc, or NULL. */
#define AUTO_FREE __attribute__((cleanup(free_memory)))

/* These may also be called before the scope ends. The variable is empty then. */
void close_descriptor(int *fd);
/* The argument is a pointer to the variable, which may point to any type. */
void close_folder(void *folder);
void close_file(void *file);
void free_memory(void *memory);
/* Returns what the variable holds and empties it. The caller has to close it from now on. */
int take_descriptor(int *fd);

#endif
