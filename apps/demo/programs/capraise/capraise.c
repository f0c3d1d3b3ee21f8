/*
 * capraise CAP... [setuid UID]: asks for capabilities it may not have, one by one, then changes its user, and says
 * after each step what came of it. A capability is given by number or name (`net_admin`, `CAP_NET_ADMIN`).
 *
 * Exit status: how many steps were refused.
 */
#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../lsmkit.h"

static const char *const names[] = {
  "chown", "dac_override", "dac_read_search", "fowner", "fsetid", "kill", "setgid", "setuid", "setpcap",
  "linux_immutable", "net_bind_service", "net_broadcast", "net_admin", "net_raw", "ipc_lock", "ipc_owner",
  "sys_module", "sys_rawio", "sys_chroot", "sys_ptrace", "sys_pacct", "sys_admin", "sys_boot", "sys_nice",
  "sys_resource", "sys_time", "sys_tty_config", "mknod", "lease", "audit_write", "audit_control", "setfcap",
  "mac_override", "mac_admin", "syslog", "wake_alarm", "block_suspend", "audit_read", "perfmon", "bpf",
  "checkpoint_restore",
};
#define NAMES (sizeof names / sizeof names[0])

/* stdio would be half of the program: one line is put together here and written at once. */
static char line[256];
static size_t used;

static void put(const char *text) {
  while (*text != '\0' && used < sizeof line) line[used++] = *text++;
}

static void put_number(uint64_t value, unsigned base, unsigned width) {
  char digits[20];
  unsigned count = 0;
  do digits[count++] = "0123456789abcdef"[value % base];
  while ((value /= base) != 0 || count < width);
  while (count > 0 && used < sizeof line) line[used++] = digits[--count];
}

static void end_line(void) {
  put("\n");
  for (size_t at = 0; at < used;) {
    ssize_t n = write(STDOUT_FILENO, line + at, used - at);
    if (n <= 0) break;
    at += (size_t)n;
  }
  used = 0;
}

/* ": ok", or the error as Linux numbers it; whether it was one. */
static int put_result(int rc) {
  if (rc >= 0) {
    put(": ok");
    return 0;
  }
  put(rc == -1 ? ": EPERM" : rc == -13 ? ": EACCES" : rc == -22 ? ": EINVAL" : ": error ");
  if (rc != -1 && rc != -13 && rc != -22) put_number((uint64_t)-rc, 10, 1);
  return 1;
}

static void put_state(void) {
  uint32_t real = 0, effective = 0, saved = 0;
  struct lsmkit_cap_data data[2] = {{0}};
  lsmkit_getresuid(&real, &effective, &saved);
  lsmkit_capget(data);
  put("  uid ");
  put_number(real, 10, 1);
  put(" euid ");
  put_number(effective, 10, 1);
  put(" suid ");
  put_number(saved, 10, 1);
  put(" permitted ");
  put_number((uint64_t)data[1].permitted << 32 | data[0].permitted, 16, 16);
  put(" effective ");
  put_number((uint64_t)data[1].effective << 32 | data[0].effective, 16, 16);
  end_line();
}

/* -1 for what is no capability. */
static int capability(const char *word) {
  if (isdigit((unsigned char)word[0])) {
    int number = atoi(word);
    return number < 64 ? number : -1;
  }
  char lower[32] = {0};
  for (size_t i = 0; word[i] != '\0' && i + 1 < sizeof lower; i++) lower[i] = (char)tolower((unsigned char)word[i]);
  const char *bare = strncmp(lower, "cap_", 4) == 0 ? lower + 4 : lower;
  for (size_t i = 0; i < NAMES; i++)
    if (strcmp(bare, names[i]) == 0) return (int)i;
  return -1;
}

/* Permitted and effective both, as a program that wants to use it would ask. */
static int raise_one(int cap) {
  struct lsmkit_cap_data data[2];
  int rc = lsmkit_capget(data);
  if (rc != 0) return rc;
  data[cap / 32].permitted |= 1u << cap % 32;
  data[cap / 32].effective |= 1u << cap % 32;
  return lsmkit_capset(data);
}

int main(int argc, char **argv) {
  int refused = 0;
  put("start");
  end_line();
  put_state();
  for (int i = 1; i < argc; i++) {
    int cap;
    if (strcmp(argv[i], "setuid") == 0 && i + 1 < argc) {
      put("setuid ");
      put(argv[i + 1]);
      refused += put_result(lsmkit_setuid((uint32_t)strtoul(argv[++i], NULL, 10)));
    } else if ((cap = capability(argv[i])) >= 0) {
      put("raise cap_");
      if ((size_t)cap < NAMES) put(names[cap]);
      else put_number((uint64_t)cap, 10, 1);
      refused += put_result(raise_one(cap));
    } else {
      put(argv[i]);
      put(": no such capability");
      end_line();
      return 125;
    }
    end_line();
    put_state();
  }
  return refused;
}
