/*
 * work ROUNDS: honest work, as the tour's cost is measured on. Each round writes twenty small files, asks what they
 * are, reads each four times, counts its words, and removes it.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILES 20
#define READS 4
#define TEXT 512

static char text[TEXT + 1], buffer[TEXT];

static void must(int ok, const char *what) {
  if (ok) return;
  perror(what);
  exit(1);
}

static int words(const char *at, long length) {
  int count = 0;
  for (long i = 0; i < length; i++) count += at[i] != ' ' && (i == 0 || at[i - 1] == ' ');
  return count;
}

static long work(const char *name) {
  long found = 0;
  struct stat stat_of;
  int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0644);
  must(fd >= 0 && write(fd, text, TEXT) == TEXT && close(fd) == 0, name);
  must(stat(name, &stat_of) == 0 && stat_of.st_size == TEXT, name);
  for (int n = 0; n < READS; n++) {
    fd = open(name, O_RDONLY);
    must(fd >= 0, name);
    long length = read(fd, buffer, sizeof buffer);
    must(length == TEXT && close(fd) == 0, name);
    found += words(buffer, length);
  }
  must(unlink(name) == 0, name);
  return found;
}

int main(int argc, char **argv) {
  int rounds = argc > 1 ? atoi(argv[1]) : 1;
  long found = 0;
  while (strlen(text) < TEXT) strncat(text, "a line of text ", TEXT - strlen(text));
  for (int round = 0; round < rounds; round++) {
    for (int n = 0; n < FILES; n++) {
      char name[32];
      snprintf(name, sizeof name, "/tmp/work-%d", n);
      found += work(name);
    }
  }
  printf("%ld words\n", found);
}
