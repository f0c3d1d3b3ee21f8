/* What the tools share: output without stdio, which would be half of each program, and complaints. */
#ifndef TOOL_H
#define TOOL_H

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lsmkit.h"

extern const char *tool_name;
#define TOOL(name) const char *tool_name = name

static char tool_out[4096];
static size_t tool_used;

static inline int write_all(int fd, const char *text, size_t length) {
  while (length > 0) {
    ssize_t n = write(fd, text, length);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return -1;
    text += n;
    length -= (size_t)n;
  }
  return 0;
}

static inline void flush(void) {
  size_t length = tool_used;
  tool_used = 0;
  if (write_all(STDOUT_FILENO, tool_out, length) < 0) _exit(1);
}

static inline void put_bytes(const char *text, size_t length) {
  for (size_t i = 0; i < length; i++) {
    if (tool_used == sizeof tool_out) flush();
    tool_out[tool_used++] = text[i];
  }
}
static inline void put(const char *text) { put_bytes(text, strlen(text)); }
static inline void put_char(char c) { put_bytes(&c, 1); }

/* In decimal, at least `width` wide. */
static inline void put_number(unsigned long long value, unsigned width) {
  char digits[24];
  unsigned count = 0;
  do digits[count++] = (char)('0' + value % 10);
  while ((value /= 10) != 0);
  for (unsigned i = count; i < width; i++) put_char(' ');
  while (count > 0) put_char(digits[--count]);
}

/* `name: what: why` on standard error; `why` may be NULL. */
static inline void complain(const char *what, const char *why) {
  flush();
  char line[1024];
  size_t used = 0;
  const char *parts[] = {tool_name, ": ", what, why == NULL ? "" : ": ", why == NULL ? "" : why, "\n"};
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
    for (const char *p = parts[i]; *p != '\0' && used < sizeof line; p++) line[used++] = *p;
  write_all(STDERR_FILENO, line, used);
}
static inline int fail(const char *what) {
  complain(what, strerror(errno));
  return 1;
}
_Noreturn static inline void usage(const char *text) {
  complain("usage", text);
  _exit(2);
}

static inline int copy_all(int from, int to) {
  static char buffer[65536];
  for (;;) {
    ssize_t n = read(from, buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return (int)n;
    if (write_all(to, buffer, (size_t)n) < 0) return -1;
  }
}

/* The label of a file: SELinux's, or Smack's; NULL where it has none. */
static inline const char *label_of(const char *path) {
  static char label[1024];
  static const char *const names[] = {"security.selinux", "security.SMACK64"};
  for (size_t i = 0; i < 2; i++) {
    ssize_t n = lgetxattr(path, names[i], label, sizeof label - 1);
    if (n <= 0) continue;
    label[n] = '\0';
    return label;
  }
  return NULL;
}

/* A small file as text without the line end or NUL behind it; NULL where it cannot be read. */
static inline const char *text_of(const char *path) {
  static char text[4096];
  int fd = open(path, O_RDONLY);
  if (fd < 0) return NULL;
  ssize_t n = read(fd, text, sizeof text - 1);
  close(fd);
  if (n < 0) return NULL;
  while (n > 0 && (text[n - 1] == '\0' || text[n - 1] == '\n')) n--;
  text[n] = '\0';
  return text;
}

#endif
