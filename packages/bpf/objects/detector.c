/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Tells of every file that is opened and every program that is executed, through a ring buffer. Denies nothing. */
#include "lsmkit.h"

enum event_kind { EVENT_OPEN = 1, EVENT_EXEC = 2 };

struct event {
  enum event_kind kind;
  u32 pid;
  u32 uid;
  u32 flags;
  char comm[16];
  char path[256];
};

struct {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
  __uint(max_entries, 256 * 1024);
} events SEC(".maps");

/* Keeps the type of the records in the object, for who reads them. */
const struct event *record_type;

/* Events that found no room; and who is not told of: set before the program is loaded. */
u64 lost;
const volatile u32 ignored_pid = 0;

static int tell(enum event_kind kind, struct file *file)
{
  u64 ids = bpf_get_current_pid_tgid();
  u32 pid = ids >> 32;
  if (ignored_pid && pid == ignored_pid)
    return 0;
  struct event *event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
  if (!event) {
    __sync_fetch_and_add(&lost, 1);
    return 0;
  }
  event->kind = kind;
  event->pid = pid;
  event->uid = (u32)bpf_get_current_uid_gid();
  event->flags = file->f_flags;
  bpf_get_current_comm(event->comm, sizeof(event->comm));
  if (bpf_d_path(&file->f_path, event->path, sizeof(event->path)) < 0)
    event->path[0] = 0;
  bpf_ringbuf_submit(event, 0);
  return 0;
}

SEC("lsm/file_open")
int detect_open(u64 *ctx)
{
  return tell(EVENT_OPEN, (struct file *)ctx[0]);
}

SEC("lsm/bprm_check_security")
int detect_exec(u64 *ctx)
{
  struct linux_binprm *bprm = (struct linux_binprm *)ctx[0];
  return tell(EVENT_EXEC, bprm->file);
}

LICENSE;
