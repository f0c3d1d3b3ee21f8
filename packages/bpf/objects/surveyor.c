/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Looks around when a file is opened: who else is there, in which group, by which calls it came here; and later again. */
#include "lsmkit.h"

#define BPF_MAP_TYPE_STACK_TRACE 7
#define CLOCK_MONOTONIC 1

struct bpf_timer { u64 opaque[2]; };
struct bpf_iter_task { u64 opaque[3]; };
struct task_struct { int pid; } __attribute__((preserve_access_index));
struct cgroup { int level; } __attribute__((preserve_access_index));


#define KERNEL __ksym
extern void bpf_rcu_read_lock(void) KERNEL;
extern void bpf_rcu_read_unlock(void) KERNEL;
extern int bpf_iter_task_new(struct bpf_iter_task *it, struct task_struct *task, unsigned int flags) KERNEL;
extern struct task_struct *bpf_iter_task_next(struct bpf_iter_task *it) KERNEL;
extern void bpf_iter_task_destroy(struct bpf_iter_task *it) KERNEL;
extern struct cgroup *bpf_cgroup_from_id(u64 id) KERNEL;
extern void bpf_cgroup_release(struct cgroup *group) KERNEL;
extern long bpf_task_under_cgroup(struct task_struct *task, struct cgroup *group) KERNEL;

struct later {
  struct bpf_timer timer;
  u32 called;
  u32 key;
};

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 8);
  __type(key, u32);
  __type(value, struct later);
} later SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_STACK_TRACE);
  __uint(max_entries, 16);
  __uint(key_size, 4);
  __uint(value_size, 8 * 8);
} stacks SEC(".maps");

u32 tasks;
s32 level = -1;
u32 is_under;
s32 stack_id;
u64 frames[8];

static int look_again(void *map, u32 *key, struct later *value)
{
  value->called++;
  value->key = *key;
  return 0;
}

static __attribute__((noinline)) u32 count(u64 *ctx)
{
  struct bpf_iter_task it;
  u32 found = 0;
  bpf_rcu_read_lock();
  bpf_iter_task_new(&it, 0, 0);
  while (bpf_iter_task_next(&it))
    found++;
  bpf_iter_task_destroy(&it);
  bpf_rcu_read_unlock();
  stack_id = bpf_get_stackid(ctx, &stacks, 0);
  bpf_get_stack(ctx, frames, sizeof(frames), 0);
  return found;
}

SEC("lsm/file_open")
int survey(u64 *ctx)
{
  u32 key = 7;
  struct later fresh = {};
  bpf_map_update_elem(&later, &key, &fresh, 0);
  struct later *value = bpf_map_lookup_elem(&later, &key);
  if (!value)
    return 0;
  bpf_timer_init(&value->timer, &later, CLOCK_MONOTONIC);
  bpf_timer_set_callback(&value->timer, look_again);
  bpf_timer_start(&value->timer, 1000000, 0);

  tasks = count(ctx);
  struct cgroup *group = bpf_cgroup_from_id(bpf_get_current_cgroup_id());
  if (group) {
    level = group->level;
    is_under = bpf_task_under_cgroup(bpf_get_current_task_btf(), group);
    bpf_cgroup_release(group);
  }
  return 0;
}

LICENSE;
