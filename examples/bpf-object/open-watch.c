/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Counts opens for writing by user, tells of each, and refuses users beyond a limit. */
#include "lsmkit.h"

const volatile u64 limit = 3;

struct event {
  u32 uid;
  u32 refused;
  u64 count;
  char comm[16];
};

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 1024);
  __type(key, u32);
  __type(value, u64);
} counts SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
  __uint(max_entries, 4096);
} events SEC(".maps");

/* keeps the type of the records in the object */
const struct event *record_type;

SEC("lsm/file_open")
int BPF_PROG(open_watch, struct file *file, int before)
{
  u32 uid = (u32)bpf_get_current_uid_gid();
  u64 first = 0, *count;
  struct event *event;
  bool refused;

  if (before)
    return before;
  if (!(file->f_mode & FMODE_WRITE))
    return 0;
  bpf_map_update_elem(&counts, &uid, &first, BPF_NOEXIST);
  count = bpf_map_lookup_elem(&counts, &uid);
  if (!count)
    return -EPERM;
  refused = __sync_fetch_and_add(count, 1) >= limit;

  event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
  if (event) {
    event->uid = uid;
    event->refused = refused;
    event->count = *count;
    bpf_get_current_comm(event->comm, sizeof(event->comm));
    bpf_ringbuf_submit(event, 0);
  }
  if (!refused)
    return 0;
  bpf_printk("%s of %d has opened enough", event ? "one" : "a task", uid);
  return -EPERM;
}

LICENSE;
