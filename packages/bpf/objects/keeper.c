/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Keeps something in a map of each kind: what is opened, by whom and how often, and what is to be done later. */
#include "lsmkit.h"

struct bpf_timer { u64 opaque[2]; };
struct task_struct { int pid; } __attribute__((preserve_access_index));

struct event {
  u32 uid;
  char comm[16];
};

struct alarm {
  u64 rings;
  struct bpf_timer timer;
};

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 64);
  __type(key, u32);
  __type(value, u64);
} opens SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, 1);
  __type(key, u32);
  __type(value, u64);
} all SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
  __uint(max_entries, 4096);
} events SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_TASK_STORAGE);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, int);
  __type(value, u64);
} by_task SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_INODE_STORAGE);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, int);
  __type(value, u64);
} by_inode SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 1);
  __type(key, u32);
  __type(value, struct alarm);
} alarms SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_QUEUE);
  __uint(max_entries, 8);
  __type(value, u32);
} last SEC(".maps");

int count_inode(u64 *ctx);

struct {
  __uint(type, BPF_MAP_TYPE_PROG_ARRAY);
  __uint(max_entries, 2);
  __type(key, u32);
  __array(values, int (u64 *));
} next SEC(".maps") = { .values = { [1] = &count_inode } };

/* keeps the type of the records in the object */
const struct event *record_type;

static int ring(void *map, u32 *key, struct alarm *alarm)
{
  alarm->rings++;
  return 0;
}

static void add(u64 *count)
{
  if (count)
    __sync_fetch_and_add(count, 1);
}

SEC("lsm/file_open")
int count_inode(u64 *ctx)
{
  struct file *file = (struct file *)ctx[0];
  add(bpf_inode_storage_get(&by_inode, file->f_inode, 0, BPF_LOCAL_STORAGE_GET_F_CREATE));
  return 0;
}

SEC("lsm/file_open")
int BPF_PROG(keep_open, struct file *file, int before)
{
  u32 uid = (u32)bpf_get_current_uid_gid(), zero = 0;
  struct alarm *alarm = bpf_map_lookup_elem(&alarms, &zero);
  u64 none = 0;
  struct event *event;

  if (before)
    return before;
  bpf_map_update_elem(&opens, &uid, &none, BPF_NOEXIST);
  add(bpf_map_lookup_elem(&opens, &uid));
  add(bpf_map_lookup_elem(&all, &zero));
  add(bpf_task_storage_get(&by_task, bpf_get_current_task_btf(), 0, BPF_LOCAL_STORAGE_GET_F_CREATE));
  bpf_map_push_elem(&last, &uid, BPF_EXIST);
  event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
  if (event) {
    event->uid = uid;
    bpf_get_current_comm(event->comm, sizeof(event->comm));
    bpf_ringbuf_submit(event, 0);
  }
  if (alarm && bpf_timer_init(&alarm->timer, &alarms, 1) == 0) {
    bpf_timer_set_callback(&alarm->timer, ring);
    bpf_timer_start(&alarm->timer, 60000000000ULL, 0);
  }
  bpf_tail_call(ctx, &next, 1);
  return 0;
}

LICENSE;
