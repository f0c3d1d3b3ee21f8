/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What the programs here need of a kernel and of a loader: no more types, and of each no more members, than they use. */
#pragma once

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef int s32;
typedef long long s64;
typedef _Bool bool;

#define SEC(name) __attribute__((section(name), used))
#define EXTERN(name) __attribute__((section(name)))
#define LICENSE char _license[] SEC("license") = "Dual MIT/GPL"

/* Map definitions: numbers as lengths of arrays, types as pointers (the loader reads them out of BTF). */
#define NUMBER(name, value) int (*name)[value]
#define TYPE(name, type) typeof(type) *name
#define VALUES(name, type) typeof(type) *name[]

#define BPF_MAP_TYPE_HASH 1
#define BPF_MAP_TYPE_ARRAY 2
#define BPF_MAP_TYPE_PROG_ARRAY 3
#define BPF_MAP_TYPE_PERCPU_ARRAY 6
#define BPF_MAP_TYPE_LRU_HASH 9
#define BPF_MAP_TYPE_LPM_TRIE 11
#define BPF_MAP_TYPE_ARRAY_OF_MAPS 12
#define BPF_MAP_TYPE_HASH_OF_MAPS 13
#define BPF_MAP_TYPE_QUEUE 22
#define BPF_MAP_TYPE_RINGBUF 27
#define BPF_MAP_TYPE_INODE_STORAGE 28
#define BPF_MAP_TYPE_TASK_STORAGE 29

#define BPF_F_NO_PREALLOC 1
#define BPF_LOCAL_STORAGE_GET_F_CREATE 1

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

/* Helpers by number. */
static void *(*const bpf_map_lookup_elem)(void *map, const void *key) = (void *)1;
static long (*const bpf_map_update_elem)(void *map, const void *key, const void *value, u64 flags) = (void *)2;
static u64 (*const bpf_ktime_get_ns)(void) = (void *)5;
static long (*const bpf_tail_call)(void *ctx, void *map, u32 index) = (void *)12;
static u64 (*const bpf_get_current_pid_tgid)(void) = (void *)14;
static u64 (*const bpf_get_current_uid_gid)(void) = (void *)15;
static long (*const bpf_get_current_comm)(void *buf, u32 size) = (void *)16;
static long (*const bpf_probe_read_kernel)(void *dst, u32 size, const void *from) = (void *)113;
static void *(*const bpf_ringbuf_reserve)(void *map, u64 size, u64 flags) = (void *)131;
static void (*const bpf_ringbuf_submit)(void *record, u64 flags) = (void *)132;
static void (*const bpf_ringbuf_discard)(void *record, u64 flags) = (void *)133;
static void *(*const bpf_inode_storage_get)(void *map, void *inode, void *value, u64 flags) = (void *)145;
static long (*const bpf_d_path)(struct path *path, char *buf, u32 size) = (void *)147;
static long (*const bpf_for_each_map_elem)(void *map, void *callback, void *ctx, u64 flags) = (void *)164;
static long (*const bpf_loop)(u32 count, void *callback, void *ctx, u64 flags) = (void *)181;

#define EPERM 1
#define EACCES 13
#define FMODE_WRITE 2
#define S_IFMT 0170000
#define S_IFREG 0100000
#define S_IXUGO 0111
#define SB_RDONLY 1
#define MNT_READONLY 0x40
