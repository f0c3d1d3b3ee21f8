/* System calls that WASI preview 1 has no word for, by number (x86-64), for programs run by @lsmkit/wasi. */
#ifndef LSMKIT_H
#define LSMKIT_H

#include <errno.h>
#include <stdint.h>

/* The result, or -errno as Linux counts it; pointers are addresses in the program's own memory. */
__attribute__((import_module("lsmkit"), import_name("syscall")))
int32_t lsmkit_syscall(int32_t nr, int32_t a, int32_t b, int32_t c, int32_t d, int32_t e, int32_t f);

#define LSMKIT_PTR(p) ((int32_t)(uintptr_t)(p))

enum {
  LSMKIT_SYS_getuid = 102,
  LSMKIT_SYS_setuid = 105,
  LSMKIT_SYS_getresuid = 118,
  LSMKIT_SYS_capget = 125,
  LSMKIT_SYS_capset = 126,
  LSMKIT_SYS_prctl = 157,
  LSMKIT_SYS_lsm_get_self_attr = 459,
  LSMKIT_SYS_lsm_list_modules = 461,
};

struct lsmkit_cap_header {
  uint32_t version;
  int32_t pid;
};

struct lsmkit_cap_data {
  uint32_t effective;
  uint32_t permitted;
  uint32_t inheritable;
};

#define LSMKIT_CAPABILITY_VERSION_3 0x20080522u

/* Both write or read two words of data: capabilities 0-31 and 32-63. 0 or -errno. */
static inline int lsmkit_capget(struct lsmkit_cap_data data[2]) {
  struct lsmkit_cap_header header = {LSMKIT_CAPABILITY_VERSION_3, 0};
  return lsmkit_syscall(LSMKIT_SYS_capget, LSMKIT_PTR(&header), LSMKIT_PTR(data), 0, 0, 0, 0);
}

static inline int lsmkit_capset(const struct lsmkit_cap_data data[2]) {
  struct lsmkit_cap_header header = {LSMKIT_CAPABILITY_VERSION_3, 0};
  return lsmkit_syscall(LSMKIT_SYS_capset, LSMKIT_PTR(&header), LSMKIT_PTR(data), 0, 0, 0, 0);
}

static inline int lsmkit_setuid(uint32_t uid) {
  return lsmkit_syscall(LSMKIT_SYS_setuid, (int32_t)uid, 0, 0, 0, 0, 0);
}

static inline int lsmkit_getresuid(uint32_t *real, uint32_t *effective, uint32_t *saved) {
  return lsmkit_syscall(LSMKIT_SYS_getresuid, LSMKIT_PTR(real), LSMKIT_PTR(effective), LSMKIT_PTR(saved), 0, 0, 0);
}

#endif
