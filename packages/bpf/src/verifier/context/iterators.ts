/** Arguments of iterator programs after `meta`: struct, `?` when it may be NULL, `trusted`; or a buffer. */
export const iteratorArguments: Readonly<Record<string, readonly string[]>> = {
  task: ['', 'task_struct ? trusted'],
  task_file: ['', 'task_struct ?', '', 'file ?'],
  task_vma: ['', 'task_struct ?', 'vm_area_struct ?'],
  bpf_map: ['', 'bpf_map ? trusted'],
  bpf_prog: ['', 'bpf_prog ?'],
  bpf_link: ['', 'bpf_link ?'],
  bpf_map_elem: ['', 'bpf_map', 'rdonly_buf?', 'buf?'],
  bpf_sk_storage_map: ['', 'bpf_map', 'sock ?', 'buf?'],
  cgroup: ['', 'cgroup ? trusted'],
  tcp: ['', 'sock_common ? trusted'],
  udp: ['', 'udp_sock ? trusted'],
  unix: ['', 'unix_sock ? trusted'],
  netlink: ['', 'netlink_sock ?'],
  ipv6_route: ['', 'fib6_info ?'],
  ksym: ['', 'kallsym_iter ?'],
  sockmap: ['', 'bpf_map', 'rdonly_buf?', 'sock ?'],
}
