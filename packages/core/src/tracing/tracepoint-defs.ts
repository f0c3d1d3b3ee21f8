/** Tracepoints of the kernel (include/trace/events), as far as ours comes by them: name, and arguments as in C. */

export const tracepointDefs = {
  sys_enter: 'struct pt_regs *regs, long id',
  sys_exit: 'struct pt_regs *regs, long ret',
  task_newtask: 'struct task_struct *task, unsigned long clone_flags',
  task_rename: 'struct task_struct *task, const char *comm',
  sched_process_fork: 'struct task_struct *parent, struct task_struct *child',
  sched_process_exec: 'struct task_struct *p, pid_t old_pid, struct linux_binprm *bprm',
  sched_process_exit: 'struct task_struct *p',
  cgroup_mkdir: 'struct cgroup *cgrp, const char *path',
  cgroup_rmdir: 'struct cgroup *cgrp, const char *path',
  cgroup_attach_task: 'struct cgroup *dst_cgrp, const char *path, struct task_struct *task, bool threadgroup',
} as const

export type TracepointName = keyof typeof tracepointDefs
export const tracepointNames = Object.keys(tracepointDefs) as TracepointName[]
