/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* One of everything a loader meets: kinds of maps, data, externs, subprograms, function pointers, CO-RE. Tests open it. */
#include "lsmkit.h"

/* --- maps --- */

struct key {
  u32 pid;
  u8 tag[4];
};

struct value {
  u64 count;
  s32 last : 12;
  u32 rest : 20;
  char name[16];
  struct {
    u16 low;
    u16 high;
  };
};

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 64);
  __type(key, struct key);
  __type(value, struct value);
} table SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_LRU_HASH);
  __uint(max_entries, 4);
  __uint(key_size, 4);
  __uint(value_size, 8);
} recent SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_LPM_TRIE);
  __uint(max_entries, 16);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __uint(key_size, 8);
  __uint(value_size, 4);
} routes SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_QUEUE);
  __uint(max_entries, 3);
  __type(value, u32);
} line SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
  __uint(max_entries, 5000);
} rounded_up SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_TASK_STORAGE);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, int);
  __type(value, struct value);
} per_task SEC(".maps");

struct inner {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 2);
  __type(key, u32);
  __type(value, u64);
} first_inner SEC(".maps"), second_inner SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
  __uint(max_entries, 3);
  __type(key, u32);
  __array(values, struct inner);
} outer SEC(".maps") = {
  .values = {[0] = &first_inner, [2] = &second_inner},
};

/* Its inner maps are told by who loads it. */
struct {
  __uint(type, BPF_MAP_TYPE_HASH_OF_MAPS);
  __uint(max_entries, 8);
  __uint(key_size, 4);
  __uint(value_size, 4);
} told_later SEC(".maps");

int jumped_to(u64 *ctx);

struct {
  __uint(type, BPF_MAP_TYPE_PROG_ARRAY);
  __uint(max_entries, 4);
  __uint(key_size, 4);
  __array(values, int(void *));
} jumps SEC(".maps") = {
  .values = {[1] = (void *)&jumped_to},
};

/* --- data --- */

const volatile u32 limit = 7;
const volatile char greeting[] = "hello";
u64 counter = 40;
u32 zeroed[4];
static u64 hidden = 3;
u32 shared SEC(".data.shared") = 9;

/* --- externs --- */

extern int LINUX_KERNEL_VERSION __kconfig;
extern bool CONFIG_BPF_LSM __kconfig __attribute__((weak));
extern unsigned long CONFIG_HZ __kconfig __attribute__((weak));
extern const char CONFIG_CC_VERSION_TEXT[32] __kconfig __attribute__((weak));

struct task_struct {
  int pid;
} __attribute__((preserve_access_index));

extern void bpf_put_file(struct file *file) __ksym;
extern int bpf_no_such_kfunc(int x) __ksym __attribute__((weak));

/* --- CO-RE --- */

struct inode___with_more {
  unsigned short i_mode;
  int i_no_such_member;
} __attribute__((preserve_access_index));

struct no_such_type {
  int x;
} __attribute__((preserve_access_index));

enum bpf_cmd___ours { BPF_NO_SUCH_COMMAND = 99 };

#define OFFSET 0
#define SIZE 1
#define EXISTS 2
#define SIGNED 3
#define FIELD(expression, what) __builtin_preserve_field_info(expression, what)
#define TYPE_INFO(type, what) __builtin_preserve_type_info(*(typeof(type) *)0, what)

SEC("lsm/file_permission")
int core_kinds(u64 *ctx)
{
  struct inode___with_more *inode = (void *)ctx[0];
  struct file *file = (void *)ctx[0];
  int sum = FIELD(file->f_mode, OFFSET) + FIELD(file->f_mode, SIZE) + FIELD(file->f_mode, EXISTS);
  sum += FIELD(inode->i_no_such_member, EXISTS) + FIELD(inode->i_mode, SIGNED);
  sum += TYPE_INFO(struct no_such_type, 0) + TYPE_INFO(struct file, 1);
  if (FIELD(inode->i_no_such_member, EXISTS))
    sum += inode->i_no_such_member;
  counter += sum;
  return 0;
}

/* --- code --- */

static __attribute__((noinline)) int twice(int x)
{
  return x * 2 + hidden;
}

__attribute__((noinline)) int global_sum(int x, int y)
{
  return twice(x) + twice(y) + limit;
}

static int each(u32 index, void *ctx)
{
  *(u64 *)ctx += index;
  return 0;
}

SEC("lsm.s/file_open")
int calls(u64 *ctx)
{
  u64 sum = 0;
  bpf_loop(zeroed[0] & 15, each, &sum, 0);
  shared += global_sum((int)sum, LINUX_KERNEL_VERSION);
  if (CONFIG_BPF_LSM)
    counter++;
  if (&bpf_no_such_kfunc)
    counter += bpf_no_such_kfunc(1) + CONFIG_HZ + CONFIG_CC_VERSION_TEXT[0];
  return greeting[0] == 'h' ? 0 : -EPERM;
}

SEC("?lsm/bprm_check_security")
__attribute__((btf_decl_tag("comment:not loaded by default"))) int not_by_default(u64 *ctx)
{
  bpf_tail_call(ctx, &jumps, 1);
  return 0;
}

SEC("lsm/bprm_check_security")
int jumped_to(u64 *ctx)
{
  struct key key = {.pid = bpf_get_current_pid_tgid() >> 32};
  struct value *found = bpf_map_lookup_elem(&table, &key);
  if (found)
    found->count++;
  return 0;
}

LICENSE;
