#ifndef TALLY_H
#define TALLY_H

/* Adds how often each byte is in a file. Returns 0, or -1 if the file cannot be read. */
int tally_file(const char *path, unsigned long counts[256]);

#endif
