/*
 * Variables that give back what they hold when their scope ends, whichever way it ends (the `cleanup` attribute of gcc and clang).
 * errno is what it was: a function returns first and cleans up then. What is handed on is taken out of its variable.
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

/* Each leaves nothing in the variable, so that it can also be called before the scope ends. */
void close_descriptor(int *fd);
/* The arguments are pointers to the variables, of whatever type these are. */
void close_folder(void *folder);
void close_file(void *file);
void free_memory(void *memory);
/* What the variable holds; it is the caller's from now on. */
int take_descriptor(int *fd);

#endif
