/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * For programs of lsmkit and of Linux. Names and meanings are those of libbpf's bpf_helpers.h, bpf_tracing.h and
 * bpf_core_read.h, so a program compiles with either. Include a vmlinux.h first if you have one: kernel types then come
 * from it; without, the few below are there.
 */
#pragma once

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef signed char s8;
typedef short s16;
typedef int s32;
typedef long long s64;
typedef unsigned char __u8;
typedef unsigned short __u16;
typedef unsigned int __u32;
typedef unsigned long long __u64;
typedef signed char __s8;
typedef short __s16;
typedef int __s32;
typedef long long __s64;
typedef _Bool bool;

#ifndef NULL
#define NULL ((void *)0)
#endif
#ifndef true
#define true 1
#define false 0
#endif

#define SEC(name) __attribute__((section(name), used))
#define LICENSE char _license[] SEC("license") = "Dual MIT/GPL"

#define __always_inline inline __attribute__((always_inline))
#define __noinline __attribute__((noinline))
#define __weak __attribute__((weak))
#define __hidden __attribute__((visibility("hidden")))
#define __ksym __attribute__((section(".ksyms")))
#define __kconfig __attribute__((section(".kconfig")))
#define __kptr __attribute__((btf_type_tag("kptr")))
#define __arg_ctx __attribute__((btf_decl_tag("arg:ctx")))
#define __arg_nonnull __attribute__((btf_decl_tag("arg:nonnull")))
#define __arg_nullable __attribute__((btf_decl_tag("arg:nullable")))
#define __arg_trusted __attribute__((btf_decl_tag("arg:trusted")))
#define barrier_var(var) asm volatile("" : "+r"(var))

/* Map definitions: numbers as lengths of arrays, types as pointers (the loader reads them out of BTF). */
#define __uint(name, value) int (*name)[value]
#define __type(name, type) typeof(type) *name
#define __array(name, type) typeof(type) *name[]
#define __ulong(name, value) enum { lk_join(lk_ulong_, __COUNTER__) = value } name

/* libbpf's enum, for maps that share themselves by name. */
enum libbpf_pin_type { LIBBPF_PIN_NONE, LIBBPF_PIN_BY_NAME };

#define BPF_ANY 0
#define BPF_NOEXIST 1
#define BPF_EXIST 2
#define BPF_F_LOCK 4
#define BPF_F_NO_PREALLOC 1
#define BPF_LOCAL_STORAGE_GET_F_CREATE 1
#define BPF_RB_NO_WAKEUP 1
#define BPF_RB_FORCE_WAKEUP 2

#ifndef __VMLINUX_H__

#define BPF_MAP_TYPE_HASH 1
#define BPF_MAP_TYPE_ARRAY 2
#define BPF_MAP_TYPE_PROG_ARRAY 3
#define BPF_MAP_TYPE_PERF_EVENT_ARRAY 4
#define BPF_MAP_TYPE_PERCPU_HASH 5
#define BPF_MAP_TYPE_PERCPU_ARRAY 6
#define BPF_MAP_TYPE_STACK_TRACE 7
#define BPF_MAP_TYPE_CGROUP_ARRAY 8
#define BPF_MAP_TYPE_LRU_HASH 9
#define BPF_MAP_TYPE_LRU_PERCPU_HASH 10
#define BPF_MAP_TYPE_LPM_TRIE 11
#define BPF_MAP_TYPE_ARRAY_OF_MAPS 12
#define BPF_MAP_TYPE_HASH_OF_MAPS 13
#define BPF_MAP_TYPE_QUEUE 22
#define BPF_MAP_TYPE_STACK 23
#define BPF_MAP_TYPE_SK_STORAGE 24
#define BPF_MAP_TYPE_RINGBUF 27
#define BPF_MAP_TYPE_INODE_STORAGE 28
#define BPF_MAP_TYPE_TASK_STORAGE 29
#define BPF_MAP_TYPE_BLOOM_FILTER 30
#define BPF_MAP_TYPE_USER_RINGBUF 31
#define BPF_MAP_TYPE_CGRP_STORAGE 32

/* Kernel types: found by name in the kernel's own when an object is loaded, wherever it has their members. */
#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct super_block {
  u32 s_dev;
  unsigned long s_flags;
  unsigned long s_magic;
};

struct inode {
  unsigned short i_mode;
  struct super_block *i_sb;
  unsigned long i_ino;
};

struct dentry {
  struct inode *d_inode;
};

struct vfsmount {
  struct super_block *mnt_sb;
  int mnt_flags;
};

struct path {
  struct vfsmount *mnt;
  struct dentry *dentry;
};

struct file {
  u32 f_mode;
  u32 f_flags;
  struct inode *f_inode;
  struct path f_path;
};

struct linux_binprm {
  struct file *file;
};

#pragma clang attribute pop

#endif

#include "lsmkit_helpers.h"

/* Counting and joining, for the macros below: `lk_of(name_, a, b)` is name_2. */
#define lk_nth(a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, n, ...) n
#define lk_count(...) lk_nth(0, ##__VA_ARGS__, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0)
#define lk_join_(a, b) a##b
#define lk_join(a, b) lk_join_(a, b)
#define lk_of(name, ...) lk_join(name, lk_count(__VA_ARGS__))

/*
 * BPF_PROG(name, struct file *file, int ret): a program whose arguments have their types. `ctx` is there too. The last
 * argument of an LSM program is the answer of the program before it.
 */
#define lk_words_0() ctx
#define lk_words_1(a1) lk_words_0(), ctx[0]
#define lk_words_2(a1, a2) lk_words_1(a1), ctx[1]
#define lk_words_3(a1, a2, a3) lk_words_2(a1, a2), ctx[2]
#define lk_words_4(a1, a2, a3, a4) lk_words_3(a1, a2, a3), ctx[3]
#define lk_words_5(a1, a2, a3, a4, a5) lk_words_4(a1, a2, a3, a4), ctx[4]
#define lk_words_6(a1, a2, a3, a4, a5, a6) lk_words_5(a1, a2, a3, a4, a5), ctx[5]
#define lk_words_7(a1, a2, a3, a4, a5, a6, a7) lk_words_6(a1, a2, a3, a4, a5, a6), ctx[6]
#define lk_words_8(a1, a2, a3, a4, a5, a6, a7, a8) lk_words_7(a1, a2, a3, a4, a5, a6, a7), ctx[7]
#define lk_words_9(a1, a2, a3, a4, a5, a6, a7, a8, a9) lk_words_8(a1, a2, a3, a4, a5, a6, a7, a8), ctx[8]
#define lk_words_10(a1, a2, a3, a4, a5, a6, a7, a8, a9, a10) lk_words_9(a1, a2, a3, a4, a5, a6, a7, a8, a9), ctx[9]
#define lk_words_11(a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11) lk_words_10(a1, a2, a3, a4, a5, a6, a7, a8, a9, a10), ctx[10]
#define lk_words_12(a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12) lk_words_11(a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11), ctx[11]
#define BPF_PROG(name, args...) \
  name(u64 *ctx); \
  static __always_inline typeof(name(0)) lk_body_##name(u64 *ctx, ##args); \
  typeof(name(0)) name(u64 *ctx) \
  { \
    _Pragma("clang diagnostic push") _Pragma("clang diagnostic ignored \"-Wint-conversion\"") \
    return lk_body_##name(lk_of(lk_words_, ##args)(args)); \
    _Pragma("clang diagnostic pop") \
  } \
  static __always_inline typeof(name(0)) lk_body_##name(u64 *ctx, ##args)

/* Reads of kernel memory whose places are found when the object is loaded. */
#define bpf_core_read(dst, size, src) bpf_probe_read_kernel(dst, size, __builtin_preserve_access_index(src))
#define bpf_core_read_str(dst, size, src) bpf_probe_read_kernel_str(dst, size, __builtin_preserve_access_index(src))
#define bpf_core_read_user(dst, size, src) bpf_probe_read_user(dst, size, __builtin_preserve_access_index(src))

#define lk_read_1(src, a) ({ \
  __auto_type lk_src = (src); \
  typeof(lk_src->a) lk_value; \
  bpf_core_read(&lk_value, sizeof(lk_value), &lk_src->a); \
  lk_value; \
})
#define lk_read_2(src, a, b) lk_read_1(lk_read_1(src, a), b)
#define lk_read_3(src, a, b, c) lk_read_1(lk_read_2(src, a, b), c)
#define lk_read_4(src, a, b, c, d) lk_read_1(lk_read_3(src, a, b, c), d)
#define lk_read_5(src, a, b, c, d, e) lk_read_1(lk_read_4(src, a, b, c, d), e)
#define lk_read_6(src, a, b, c, d, e, f) lk_read_1(lk_read_5(src, a, b, c, d, e), f)
#define lk_read_7(src, a, b, c, d, e, f, g) lk_read_1(lk_read_6(src, a, b, c, d, e, f), g)
#define lk_read_8(src, a, b, c, d, e, f, g, h) lk_read_1(lk_read_7(src, a, b, c, d, e, f, g), h)
#define lk_read_9(src, a, b, c, d, e, f, g, h, i) lk_read_1(lk_read_8(src, a, b, c, d, e, f, g, h), i)
#define lk_into_1(read, dst, src, a) ({ \
  __auto_type lk_src = (src); \
  read((dst), sizeof(*(dst)), &lk_src->a); \
})
#define lk_into_2(read, dst, src, a, b) lk_into_1(read, dst, lk_read_1(src, a), b)
#define lk_into_3(read, dst, src, a, b, c) lk_into_1(read, dst, lk_read_2(src, a, b), c)
#define lk_into_4(read, dst, src, a, b, c, d) lk_into_1(read, dst, lk_read_3(src, a, b, c), d)
#define lk_into_5(read, dst, src, a, b, c, d, e) lk_into_1(read, dst, lk_read_4(src, a, b, c, d), e)
#define lk_into_6(read, dst, src, a, b, c, d, e, f) lk_into_1(read, dst, lk_read_5(src, a, b, c, d, e), f)
#define lk_into_7(read, dst, src, a, b, c, d, e, f, g) lk_into_1(read, dst, lk_read_6(src, a, b, c, d, e, f), g)
#define lk_into_8(read, dst, src, a, b, c, d, e, f, g, h) lk_into_1(read, dst, lk_read_7(src, a, b, c, d, e, f, g), h)
#define lk_into_9(read, dst, src, a, b, c, d, e, f, g, h, i) lk_into_1(read, dst, lk_read_8(src, a, b, c, d, e, f, g, h), i)
/* BPF_CORE_READ(task, real_parent, pid) is task->real_parent->pid, read step by step. */
#define BPF_CORE_READ(src, members...) lk_of(lk_read_, ##members)(src, ##members)
#define BPF_CORE_READ_INTO(dst, src, members...) lk_of(lk_into_, ##members)(bpf_core_read, dst, src, ##members)
#define BPF_CORE_READ_STR_INTO(dst, src, members...) lk_of(lk_into_, ##members)(bpf_core_read_str, dst, src, ##members)
#define BPF_CORE_READ_USER_INTO(dst, src, members...) \
  lk_of(lk_into_, ##members)(bpf_core_read_user, dst, src, ##members)

/* What the kernel that loads the object has. A member is `task->pid`, or its struct and its name. */
#define lk_member_1(member) (member)
#define lk_member_2(type, member) (((typeof(type) *)0)->member)
#define bpf_core_field_offset(member...) __builtin_preserve_field_info(lk_of(lk_member_, ##member)(member), 0)
#define bpf_core_field_size(member...) __builtin_preserve_field_info(lk_of(lk_member_, ##member)(member), 1)
#define bpf_core_field_exists(member...) __builtin_preserve_field_info(lk_of(lk_member_, ##member)(member), 2)
#define bpf_core_type_id_local(type) __builtin_btf_type_id(*(typeof(type) *)0, 0)
#define bpf_core_type_id_kernel(type) __builtin_btf_type_id(*(typeof(type) *)0, 1)
#define bpf_core_type_exists(type) __builtin_preserve_type_info(*(typeof(type) *)0, 0)
#define bpf_core_type_size(type) __builtin_preserve_type_info(*(typeof(type) *)0, 1)
#define bpf_core_type_matches(type) __builtin_preserve_type_info(*(typeof(type) *)0, 2)
#define bpf_core_enum_value_exists(type, value) __builtin_preserve_enum_value(*(typeof(type) *)value, 0)
#define bpf_core_enum_value(type, value) __builtin_preserve_enum_value(*(typeof(type) *)value, 1)

/* Formatted text. Arguments go as an array of 64-bit words; three or fewer of bpf_printk as they are. */
#define lk_formatted(fmt, call, args...) ({ \
  static const char lk_fmt[] = fmt; \
  _Pragma("clang diagnostic push") _Pragma("clang diagnostic ignored \"-Wint-conversion\"") \
  u64 lk_args[] = { args }; \
  _Pragma("clang diagnostic pop") \
  call; \
})
#define lk_print_few(fmt, args...) ({ \
  static const char lk_fmt[] = fmt; \
  bpf_trace_printk(lk_fmt, sizeof(lk_fmt), ##args); \
})
#define lk_print_many(fmt, args...) \
  lk_formatted(fmt, bpf_trace_vprintk(lk_fmt, sizeof(lk_fmt), lk_args, sizeof(lk_args)), args)
#define lk_printer(...) lk_nth(0, ##__VA_ARGS__, many, many, many, many, many, many, many, many, many, few, few, few, few)
#define bpf_printk(fmt, args...) lk_join(lk_print_, lk_printer(args))(fmt, ##args)
#define BPF_SEQ_PRINTF(seq, fmt, args...) \
  lk_formatted(fmt, bpf_seq_printf(seq, lk_fmt, sizeof(lk_fmt), lk_args, sizeof(lk_args)), args)
#define BPF_SNPRINTF(out, size, fmt, args...) \
  lk_formatted(fmt, bpf_snprintf(out, size, lk_fmt, lk_args, sizeof(lk_args)), args)

#ifndef EPERM
#define EPERM 1
#define ENOENT 2
#define EACCES 13
#define EINVAL 22
#endif
#ifndef FMODE_WRITE
#define FMODE_READ 1
#define FMODE_WRITE 2
#define FMODE_EXEC 0x20
#endif
#ifndef S_IFMT
#define S_IFMT 0170000
#define S_IFREG 0100000
#define S_IXUGO 0111
#endif
#ifndef SB_RDONLY
#define SB_RDONLY 1
#endif
#ifndef MNT_READONLY
#define MNT_READONLY 0x40
#endif
