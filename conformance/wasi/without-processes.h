/* What WASI preview 1 has not: processes and unnamed files. Included before the sources of programs from elsewhere. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef L_tmpnam
#define L_tmpnam 20
#endif
#define system(command) ((void)(command), errno = ENOSYS, -1)
#define tmpfile() (errno = ENOSYS, (FILE *)0)
#define tmpnam(buffer) ((void)(buffer), errno = ENOSYS, (char *)0)
