/* What the players of the AppArmor recorders share. Each runs as process 1 of a virtual machine. */
#ifndef GUEST_H
#define GUEST_H
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#define POLICY "/sys/kernel/security/apparmor/"

/* Mounts what a machine has. What is printed to the answer goes to the debug port, which the host writes to a file. */
FILE *begin_machine(void);
void end_machine(FILE *out);

/* `%HH` is a byte. The decoded text replaces the coded one and has a NUL behind it; answers its length. */
size_t percent_bytes(char *text);
/* Writes the text at `out`, which must have room for three times the size; answers what it wrote. */
size_t percent_text(char *out, const void *bytes, size_t size, int keeps_blanks);
/* Prints a tab and the text, percent-encoded; blanks stay. */
void print_text(FILE *out, const char *bytes, size_t size);

const char *errno_text(int error);

/* All bytes of a file with a NUL behind them; NULL and errno where it cannot be read. The caller frees it. */
char *read_file(const char *path, size_t *size);
/* One write(2) to a file; 0 or errno. */
int write_file(const char *path, const void *bytes, size_t size);

/* Removes every profile and namespace; whether nothing is left. */
int remove_policy(void);

/* The session that the machine begins with: the word `from=` of its command line. */
int first_session(void);

/* Records of type 1400 since the last call, one text each without its time; `found` is called for each. */
void open_records(void);
void read_records(void (*found)(const char *text, size_t size, void *of), void *of);
#endif
