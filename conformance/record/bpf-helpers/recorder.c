/* The first process of a virtual machine: for each kind of program in /kinds and each helper, whether the verifier
   lets the program call it. A line a kind: its letter, then the numbers of the helpers. A kind that the kernel does
   not load at all has the letter and an errno. */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define HELPERS 212

static char said[65536];

struct kind {
  char letter;
  int type, attach, target, sleeps;
};

/* 1: it may; 0: it may not; -errno: programs of this kind are not loaded. */
static int may_call(const struct kind *kind, int helper)
{
  struct bpf_insn code[] = {
    { .code = BPF_JMP | BPF_CALL, .imm = helper }, { .code = BPF_ALU64 | BPF_MOV | BPF_K }, { .code = BPF_JMP | BPF_EXIT },
  };
  union bpf_attr attr;
  int fd;

  memset(&attr, 0, sizeof attr);
  attr.prog_type = kind->type;
  attr.expected_attach_type = kind->attach;
  attr.attach_btf_id = kind->target;
  attr.prog_flags = kind->sleeps ? BPF_F_SLEEPABLE : 0;
  attr.insns = (unsigned long)code;
  attr.insn_cnt = 3;
  attr.license = (unsigned long)"GPL";
  attr.log_buf = (unsigned long)said;
  attr.log_size = sizeof said;
  attr.log_level = 1;
  said[0] = 0;
  fd = syscall(SYS_bpf, BPF_PROG_LOAD, &attr, 128);
  if (fd >= 0) {
    close(fd);
    return 1;
  }
  if (strstr(said, "unknown func") || strstr(said, "cannot use helper") || strstr(said, "invalid func"))
    return 0;
  return strstr(said, "processed") || strstr(said, "not allowed in probe") ? 1 : -errno;
}

int main(void)
{
  struct rlimit none = { RLIM_INFINITY, RLIM_INFINITY };
  struct kind kind;
  FILE *kinds;
  int helper, answer;

  mount("sysfs", "/sys", "sysfs", 0, 0);
  setrlimit(RLIMIT_MEMLOCK, &none);
  kinds = fopen("/kinds", "r");
  while (kinds && fscanf(kinds, " %c %d %d %d %d", &kind.letter, &kind.type, &kind.attach, &kind.target,
                         &kind.sleeps) == 5) {
    printf("%c", kind.letter);
    for (helper = 1; helper < HELPERS; helper++) {
      answer = may_call(&kind, helper);
      if (answer < 0 && helper == 1) {
        printf(" errno %d", -answer);
        break;
      }
      if (answer > 0)
        printf(" %d", helper);
    }
    printf("\n");
    fflush(stdout);
  }
  sync();
  reboot(RB_POWER_OFF);
  return 0;
}
