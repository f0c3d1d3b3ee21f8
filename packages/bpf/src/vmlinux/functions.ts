/** Functions that programs attach to beside hooks, as C: functions of system calls, tracepoints, iterators. */
import { syscallTable, ownValue } from '@lsmkit/abi'
import { functionDefs, tracepointDefs } from '@lsmkit/core'

/** Calls whose function is called otherwise. */
const otherNames: Readonly<Record<string, string>> = {
  stat: 'newstat', fstat: 'newfstat', lstat: 'newlstat', uname: 'newuname', sendfile: 'sendfile64', umount2: 'umount',
}
/** Calls without a function of that form. */
const functionless: ReadonlySet<string> = new Set([
  '_sysctl', 'create_module', 'get_kernel_syms', 'query_module', 'nfsservctl', 'getpmsg', 'putpmsg', 'afs_syscall',
  'tuxcall', 'security', 'vserver', 'epoll_ctl_old', 'epoll_wait_old', 'lookup_dcookie', 'uselib', 'set_thread_area',
  'get_thread_area', 'map_shadow_stack', 'uretprobe',
])

const PREFIX = '__x64_sys_'

let made: ReadonlyMap<string, string> | null = null
/** Calls by the names of their functions. */
const callsByFunction = (): ReadonlyMap<string, string> => (made ??= new Map(
  syscallTable.entries().map(([name]) => name.slice('SYS_'.length)).filter((name) => !functionless.has(name))
    .map((name) => [ownValue(otherNames, name) ?? name, name])))

/** The system call of `__x64_sys_openat`; null for any other function. */
export const syscallOf = (target: string): string | null =>
  target.startsWith(PREFIX) ? callsByFunction().get(target.slice(PREFIX.length)) ?? null : null

/** Iterators that this kernel runs: the struct of their context, and their arguments. */
const fullIterators: Readonly<Record<string, string>> = {
  task: 'struct task_struct *task',
  task_vma: 'struct task_struct *task, struct vm_area_struct *vma',
  task_file: 'struct task_struct *task, u32 fd, struct file *file',
  bpf_map: 'struct bpf_map *map',
  bpf_prog: 'struct bpf_prog *prog',
  bpf_link: 'struct bpf_link *link',
  cgroup: 'struct cgroup *cgroup',
}

/**
 * Iterators that show nothing: programs are loaded, attached and run once, for the end. Sockets of this kernel are in
 * tables of their families that no iterator walks; symbols, routes and caches of memory it has not.
 */
const emptyIterators: Readonly<Record<string, string>> = {
  ksym: 'struct kallsym_iter *ksym',
  tcp: 'struct sock_common *sk_common, uid_t uid',
  udp: 'struct udp_sock *udp_sk, uid_t uid, int bucket',
  unix: 'struct unix_sock *unix_sk, uid_t uid',
  netlink: 'struct netlink_sock *sk',
  ipv6_route: 'struct fib6_info *rt',
  bpf_map_elem: 'struct bpf_map *map, void *key, void *value',
  bpf_sk_storage_map: 'struct bpf_map *map, struct sock *sk, void *value',
  sockmap: 'struct bpf_map *map, void *key, struct sock *sk',
}

export const iteratorParams: Readonly<Record<string, string>> = { ...fullIterators, ...emptyIterators }

const META = 'struct bpf_iter_meta *meta'

/** Prototypes of functions that stand before iterators. */
export const iteratorTexts = (): string[] =>
  Object.entries(iteratorParams).map(([name, params]) => `int bpf_iter_${name}(${META}, ${params})`)

/** All functions of system calls are alike. */
export const SYSCALL_TEXT = 'long call(const struct pt_regs *regs)'
export const syscallFunctions = (): string[] => [...callsByFunction().keys()].map((name) => PREFIX + name)

/** Prototypes of functions that programs may be put around. */
export const functionTexts = (): string[] =>
  Object.entries(functionDefs).map(([name, { ret, params }]) => `${ret} ${name}(${params})`)

/** Types of what is called at a tracepoint. */
export const tracepointTexts = (): string[] =>
  Object.entries(tracepointDefs).map(([name, params]) => `void (*btf_trace_${name})(void *__data, ${params})`)

/** Contexts of iterators, as programs name them. */
export const iteratorStructs = (): [name: string, body: string][] =>
  Object.entries(iteratorParams).map(([name, params]) =>
    [`struct bpf_iter__${name}`, [META, ...params.split(', ')].join('; ')])
