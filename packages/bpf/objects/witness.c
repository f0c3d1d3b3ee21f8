/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Tells what the kernel's objects say: ends of connections, packets, groups; from hooks, tracepoints and iterators. */
#include "lsmkit.h"

typedef unsigned short be16;
typedef unsigned int be32;

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct kernfs_node {
  const char *name;
  u64 id;
};

struct cgroup {
  int level;
  struct kernfs_node *kn;
};

struct cgroup_subsys_state {
  struct cgroup *cgroup;
};

struct css_set {
  struct cgroup_subsys_state *subsys[14];
  struct cgroup *dfl_cgrp;
};

enum cgroup_subsys_id { pids_cgrp_id = 1000 };

struct bpf_local_storage {
  void *smap;
};

struct user_struct {
  struct {
    u32 val;
  } uid;
};

struct cred {
  struct user_struct *user;
};

struct task_struct {
  int pid;
  int tgid;
  char comm[16];
  struct cred *cred;
  struct css_set *cgroups;
  struct bpf_local_storage *bpf_storage;
};

struct in6_addr {
  union {
    u8 u6_addr8[16];
  } in6_u;
};

struct sock_common {
  be32 skc_daddr;
  be32 skc_rcv_saddr;
  be16 skc_dport;
  u16 skc_num;
  struct in6_addr skc_v6_rcv_saddr;
};

struct sock {
  struct sock_common __sk_common;
};

struct inet_sock {
  struct sock sk;
  be16 inet_sport;
};

struct sockaddr_un {
  char sun_path[108];
};

struct unix_address {
  int len;
  struct sockaddr_un name[0];
};

struct unix_sock {
  struct sock sk;
  struct unix_address *addr;
};

struct socket {
  struct sock *sk;
};

struct sk_buff {
  unsigned int len;
  u16 network_header;
  u16 transport_header;
  unsigned char *head;
  unsigned char *data;
};

struct pt_regs {
  unsigned long di;
  unsigned long si;
  unsigned long dx;
  unsigned long orig_ax;
};

struct seq_file;
struct bpf_iter_meta {
  struct seq_file *seq;
  u64 seq_num;
};
struct bpf_iter__task {
  struct bpf_iter_meta *meta;
  struct task_struct *task;
};
struct bpf_iter__task_file {
  struct bpf_iter_meta *meta;
  struct task_struct *task;
  u32 fd;
  struct file *file;
};
struct bpf_iter__cgroup {
  struct bpf_iter_meta *meta;
  struct cgroup *cgroup;
};

#pragma clang attribute pop


struct {
  __uint(type, BPF_MAP_TYPE_TASK_STORAGE);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, int);
  __type(value, u64);
} beside SEC(".maps");

/* --- the running task --- */

u32 user = -1, group_level;
u64 group_id;
char group_name[16], pids_name[16];
u32 had_storage, has_storage;

SEC("lsm/socket_create")
int who(u64 *ctx)
{
  struct task_struct *task = bpf_get_current_task_btf();
  user = task->cred->user->uid.val;
  struct cgroup *group = task->cgroups->dfl_cgrp;
  group_level = group->level;
  group_id = group->kn->id;
  bpf_probe_read_kernel_str(group_name, sizeof(group_name), group->kn->name);
  u32 pids = __builtin_preserve_enum_value(*(typeof(enum cgroup_subsys_id) *)pids_cgrp_id, 1);
  struct css_set *set = task->cgroups;
  struct cgroup_subsys_state *css;
  if (pids < 14 && !bpf_probe_read_kernel(&css, sizeof(css), &set->subsys[pids])) {
    struct cgroup *ruled;
    struct kernfs_node *kn;
    const char *name;
    bpf_probe_read_kernel(&ruled, sizeof(ruled), &css->cgroup);
    bpf_probe_read_kernel(&kn, sizeof(kn), &ruled->kn);
    bpf_probe_read_kernel(&name, sizeof(name), &kn->name);
    bpf_probe_read_kernel_str(pids_name, sizeof(pids_name), name);
  }
  had_storage = task->bpf_storage != 0;
  bpf_task_storage_get(&beside, task, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
  has_storage = task->bpf_storage != 0;
  return 0;
}

/* --- ends of sockets --- */

be32 local, remote;
be16 local_port, remote_port, inet_port;
u16 number;
u8 local6[16];
char path[108];
int path_length;

SEC("lsm/socket_sendmsg")
int ends(u64 *ctx)
{
  struct socket *socket = (void *)ctx[0];
  struct sock *sk = socket->sk;
  if (!sk)
    return 0;
  local = sk->__sk_common.skc_rcv_saddr;
  remote = sk->__sk_common.skc_daddr;
  remote_port = sk->__sk_common.skc_dport;
  number = sk->__sk_common.skc_num;
  bpf_probe_read_kernel(local6, sizeof(local6), &sk->__sk_common.skc_v6_rcv_saddr);
  bpf_probe_read_kernel(&inet_port, sizeof(inet_port), &((struct inet_sock *)sk)->inet_sport);
  struct unix_address *address = 0;
  bpf_probe_read_kernel(&address, sizeof(address), &((struct unix_sock *)sk)->addr);
  path_length = 0;
  if (address) {
    bpf_probe_read_kernel(&path_length, sizeof(path_length), &address->len);
    bpf_probe_read_kernel(path, sizeof(path), &address->name[0].sun_path);
  }
  return 0;
}

/* --- options of sockets, in a control group --- */

#define SOL_SOCKET 1
#define SO_PRIORITY 12
#define SO_TYPE 3


int priority, no_option;

SEC("lsm_cgroup/socket_post_create")
int prefer(u64 *ctx)
{
  struct socket *socket = (void *)ctx[0];
  struct sock *sk = socket->sk;
  int value = 123;
  if (!sk)
    return 1;
  if (bpf_setsockopt(sk, SOL_SOCKET, SO_PRIORITY, &value, sizeof(value)))
    return 0;
  bpf_getsockopt(sk, SOL_SOCKET, SO_PRIORITY, &priority, sizeof(priority));
  no_option = bpf_getsockopt(sk, SOL_SOCKET, SO_TYPE, &value, sizeof(value));
  return 1;
}

/* --- a packet --- */

u32 packet_length;
u8 headers[20], transport[8], payload[4];

SEC("lsm/socket_sock_rcv_skb")
int packet(u64 *ctx)
{
  struct sk_buff *skb = (void *)ctx[1];
  packet_length = skb->len;
  bpf_probe_read_kernel(headers, sizeof(headers), skb->head + skb->network_header);
  bpf_probe_read_kernel(transport, sizeof(transport), skb->head + skb->transport_header);
  bpf_probe_read_kernel(payload, sizeof(payload), skb->data + 8);
  return 0;
}

/* --- tracepoints and system calls --- */

u32 forks, execs, exits, entered, left;
s64 last_call, last_result, opened;
char opened_name[32], new_name[16], made_group[32];

SEC("tp_btf/sched_process_fork")
int forked(u64 *ctx)
{
  struct task_struct *child = (void *)ctx[1];
  forks = child->pid;
  return 0;
}

SEC("tp_btf/sched_process_exec")
int executed(u64 *ctx)
{
  struct linux_binprm *bprm = (void *)ctx[2];
  if (bprm->file)
    execs++;
  return 0;
}

SEC("tp_btf/sched_process_exit")
int exited(u64 *ctx)
{
  struct task_struct *task = (void *)ctx[0];
  exits = task->tgid;
  return 0;
}

SEC("raw_tp/task_rename")
int renamed(u64 *ctx)
{
  bpf_probe_read_kernel_str(new_name, sizeof(new_name), (void *)ctx[1]);
  return 0;
}

SEC("tp_btf/cgroup_mkdir")
int group_made(u64 *ctx)
{
  struct cgroup *group = (void *)ctx[0];
  if (group->level > 0)
    bpf_probe_read_kernel_str(made_group, sizeof(made_group), (void *)ctx[1]);
  return 0;
}

SEC("tp_btf/sys_enter")
int enter(u64 *ctx)
{
  struct pt_regs *regs = (void *)ctx[0];
  last_call = ctx[1];
  entered += regs->orig_ax == ctx[1];
  return 0;
}

SEC("tp_btf/sys_exit")
int leave(u64 *ctx)
{
  last_result = ctx[1];
  left++;
  return 0;
}

SEC("fentry/__x64_sys_openat")
int open_begins(u64 *ctx)
{
  struct pt_regs *regs = (void *)ctx[0];
  bpf_probe_read_user_str(opened_name, sizeof(opened_name), (void *)regs->si);
  return 0;
}

SEC("fexit/__x64_sys_openat")
int open_ends(u64 *ctx)
{
  opened = ctx[1];
  return 0;
}

/* --- iterators --- */

SEC("iter/task")
int tasks(struct bpf_iter__task *ctx)
{
  static const char line[] = "%d %s\n";
  struct task_struct *task = ctx->task;
  if (!task)
    return 0;
  u64 args[2] = { task->pid, (u64)task->comm };
  bpf_seq_printf(ctx->meta->seq, line, sizeof(line), args, sizeof(args));
  return 0;
}

SEC("iter/task_file")
int files(struct bpf_iter__task_file *ctx)
{
  static const char line[] = "%d %d\n";
  struct task_struct *task = ctx->task;
  struct file *file = ctx->file;
  if (!task || !file || !file->f_inode)
    return 0;
  u64 args[2] = { task->pid, ctx->fd };
  bpf_seq_printf(ctx->meta->seq, line, sizeof(line), args, sizeof(args));
  return 0;
}

SEC("iter/cgroup")
int groups(struct bpf_iter__cgroup *ctx)
{
  static const char line[] = "%d of %d\n", end[] = "end\n";
  struct cgroup *group = ctx->cgroup;
  if (!group) {
    bpf_seq_printf(ctx->meta->seq, end, sizeof(end), 0, 0);
    return 0;
  }
  u64 args[2] = { ctx->meta->seq_num, group->level };
  bpf_seq_printf(ctx->meta->seq, line, sizeof(line), args, sizeof(args));
  return 0;
}

LICENSE;
