/** What agents reach for: members behind tasks, files and sockets; functions, tracepoints and iterators. */
import {
  AF_INET, AT_FDCWD, BPF_LINK_GET_FD_BY_ID, BPF_MAP_TYPE_ARRAY, BPF_PROG_TYPE_LSM, BPF_PROG_TYPE_RAW_TRACEPOINT,
  BPF_PROG_TYPE_TRACING, BPF_LSM_MAC, BPF_TRACE_FENTRY, BPF_TRACE_FEXIT, BPF_TRACE_ITER, BPF_TRACE_RAW_TP, ENOENT,
  O_CREAT, O_RDWR, SA_RESTART, SIGCONT, SIGTERM, SIGUSR1, SOCK_DGRAM, SOCK_STREAM,
  SYS_openat,
} from '@lsmkit/abi'
import { bpf } from '@lsmkit/bpf'
import { vmlinuxBtf } from '@lsmkit/bpf/vmlinux'
import { assemble } from '@lsmkit/bpf/insn'
import type { BpfObject, MapSpec } from '@lsmkit/bpf/object'
import { capability } from '@lsmkit/capability'
import { createStack, silentTracepoints, tracepointNames, functionNames } from '@lsmkit/core'
import { bootKernel } from '@lsmkit/kernel'
import { expect, test } from 'vitest'

const types = vmlinuxBtf()

/** Bytes from the beginning of a struct to a member: `task_struct.thread_info.flags`. */
const at = (path: string): number => {
  const [struct, ...names] = path.split('.')
  let id = types.find(struct!, 'struct') || types.find(struct!, 'union')
  let offset = 0
  for (const name of names) {
    const found = types.members(id).find((one) => one.name === name)
    if (found === undefined) throw new Error(`${path} is not there`)
    offset += found.bitOffset / 8
    let type = types.resolved(found.type)
    while (type.kind === 'array') type = types.resolved(type.type)
    id = type.id
  }
  return offset
}

/** Reads 8 bytes at r6 + the place into r6, as bpf_core_read does. */
const read = (path: string, extra = 0): string[] => [
  'r1 = r10', 'r1 += -8', 'r2 = 8', 'r3 = r6', `r3 += ${at(path) + extra}`, 'call bpf_probe_read_kernel',
  'r6 = *(u64 *)(r10 -8)',
]
const CURRENT = ['call bpf_get_current_task', 'r6 = r0']
const argument = (index: number): string[] => [`r6 = *(u64 *)(r1 +${index * 8})`]
const low = ['r6 <<= 32', 'r6 >>= 32']
const keep = ['r1 = map[0]+0', '*(u64 *)(r1 +0) = r6', 'r0 = 0', 'exit']

const map: MapSpec = {
  name: 'seen', symbol: 'seen', type: BPF_MAP_TYPE_ARRAY, keySize: 4, valueSize: 8, maxEntries: 1, flags: 0, extra: 0n,
  pinning: 0, keyTypeId: 0, valueTypeId: 0, data: null, frozen: false, inner: null, slots: new Map(),
  structOpsTypeId: 0,
}

type Place = readonly [
  section: string, type: number, attach: number, target: string, btf: string, kind: 'func' | 'typedef',
]

/** `lsm/file_open`, `fentry/vfs_read`, `raw_tp/sys_enter`, `tp_btf/sched_switch`, `iter/task`. */
const placeOf = (section: string): Place => {
  const [kind, name] = section.split('/') as [string, string]
  switch (kind) {
    case 'lsm': return [section, BPF_PROG_TYPE_LSM, BPF_LSM_MAC, `bpf_lsm_${name}`, `bpf_lsm_${name}`, 'func']
    case 'fentry': return [section, BPF_PROG_TYPE_TRACING, BPF_TRACE_FENTRY, name, name, 'func']
    case 'fexit': return [section, BPF_PROG_TYPE_TRACING, BPF_TRACE_FEXIT, name, name, 'func']
    case 'tp_btf': return [section, BPF_PROG_TYPE_TRACING, BPF_TRACE_RAW_TP, name, `btf_trace_${name}`, 'typedef']
    case 'iter': return [section, BPF_PROG_TYPE_TRACING, BPF_TRACE_ITER, name, `bpf_iter_${name}`, 'func']
    default: return [section, BPF_PROG_TYPE_RAW_TRACEPOINT, 0, name, '', 'func']
  }
}

const objectOf = (where: string, code: readonly string[]): BpfObject => {
  const [section, type, expectedAttachType, attachTo, btf, kind] = placeOf(where)
  return {
    name: 'agent', license: 'GPL', maps: [map], btf: null, externs: [],
    programs: [{
      name: 'look', section, type, expectedAttachType, sleepable: false, flags: 0, attachTo,
      attachBtfId: btf === '' ? 0 : types.find(btf, kind), autoload: true, code: assemble(code.join('\n')),
      subprograms: [{ name: 'look', start: 0, typeId: 0, isGlobal: false }], lines: [], tags: [], poisoned: new Map(),
      broken: null,
    }],
  }
}

const text = (value: string): Uint8Array => new TextEncoder().encode(value)
const inet = Uint8Array.of(AF_INET, 0, 0x12, 0x34, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0)

const world = () => {
  const programs = bpf()
  const stack = createStack({ lsms: [capability(), programs] })
  const kernel = bootKernel({ stack, bpf: () => programs.engine(stack) })
  const { init, sys, machine: { tasks } } = kernel
  stack.current.task = init
  sys.mkdir(init, '/tmp', 0o777)
  const fd = sys.openat(init, AT_FDCWD, '/tmp/file', O_RDWR | O_CREAT, 0o644)
  sys.write(init, fd, text('hello'))
  return { programs, stack, kernel, init, sys, fd, fork: () => tasks.find(sys.fork(init))! }
}
type World = ReturnType<typeof world>

/** What the program has kept when `act` is done. */
const seenBy = (own: World, where: string, code: readonly string[], act: (own: World) => unknown): bigint => {
  const loaded = own.programs.load(own.stack, objectOf(where, [...code, ...keep]))
  loaded.attachAll()
  act(own)
  expect(own.programs.faults).toBe(0)
  const seen = loaded.maps.get('seen')!.get(0) as bigint
  loaded.unload()
  return seen
}

const writeTo = ({ sys, init }: World, name: string, value: string): void => {
  sys.mkdir(init, '/sys/fs/cgroup/own', 0o755)
  const fd = sys.openat(init, AT_FDCWD, `/sys/fs/cgroup/own/${name}`, O_RDWR, 0)
  expect(sys.write(init, fd, text(value))).toBe(value.length)
}
const moveIntoGroup = (own: World): void => writeTo(own, 'cgroup.procs', String(own.fork().pid))

/** On port 0x1234. */
const listen = ({ sys, init }: World): void => {
  const fd = sys.socket(init, AF_INET, SOCK_STREAM, 0)
  sys.bind(init, fd, inet, inet.length)
  expect(sys.listen(init, fd, 1)).toBe(0)
}

interface Row {
  readonly what: string
  readonly where: string
  readonly code: readonly string[]
  readonly act: (own: World) => unknown
  readonly value: bigint
}

const getpgid = ({ sys, init }: World): unknown => sys.getpgid(init, 1)
const send = ({ sys, init }: World): void => {
  const [from, to] = [sys.socket(init, AF_INET, SOCK_DGRAM, 0), sys.socket(init, AF_INET, SOCK_DGRAM, 0)]
  sys.bind(init, to, inet, inet.length)
  sys.sendto(init, from, text('xyz'), 3, 0, inet, inet.length)
}
const forkAndEnd = ({ sys, init, fork }: World): void => {
  const child = fork()
  sys.exit_group(child, 3)
  sys.wait4(init, child.pid, null, 0, null)
}
const openAgain = ({ sys, init }: World): unknown => sys.openat(init, AT_FDCWD, '/tmp/file', O_RDWR, 0)
const unlink = ({ sys, init }: World): unknown => sys.unlink(init, '/tmp/file')
const ITER_UBUF_BYTE = 'x'.charCodeAt(0)

test.each<Row>([
  { what: 'the registers of the call, by the helper', where: 'lsm/file_open', act: openAgain, value: BigInt(SYS_openat),
    code: ['call bpf_get_current_task_btf', 'r1 = r0', 'call bpf_task_pt_regs', 'r6 = r0',
      ...read('pt_regs.orig_ax')] },
  { what: 'the registers at the end of the stack', where: 'lsm/file_open', act: openAgain, value: BigInt(SYS_openat),
    code: [...CURRENT, ...read('task_struct.stack'), ...read('pt_regs.orig_ax', 16384 - 16 - 168)] },
  { what: 'a task that runs', where: 'lsm/task_getpgid', act: getpgid, value: 0n,
    code: [...CURRENT, ...read('task_struct.__state'), ...low] },
  { what: 'threads that live', where: 'lsm/task_getpgid', act: getpgid, value: 1n,
    code: [...CURRENT, ...read('task_struct.signal'), ...read('signal_struct.live'), ...low] },
  { what: 'the leader of the process', where: 'lsm/task_getpgid', act: getpgid, value: 1n,
    code: [...CURRENT, ...read('task_struct.signal'), ...read('signal_struct.pids', 8), ...read('pid.numbers'),
      ...low] },
  { what: 'the handler of a signal', where: 'lsm/task_getpgid', value: BigInt(SA_RESTART),
    act: ({ sys, init, ...own }) => {
      sys.rt_sigaction(init, SIGUSR1, { handler: () => {}, flags: SA_RESTART, mask: 0n }, null, 8)
      getpgid({ sys, init, ...own })
    },
    code: [...CURRENT, ...read('task_struct.sighand'),
      ...read('sighand_struct.action', (SIGUSR1 - 1) * types.size(types.find('k_sigaction', 'struct'))
        + at('sigaction.sa_flags')), ...low] },
  { what: 'a child, through the list of its parent', where: 'lsm/task_getpgid', value: 2n,
    act: (own) => (own.fork(), getpgid(own)),
    code: [...CURRENT, ...read('task_struct.children.next'), `r6 += ${-at('task_struct.sibling')}`,
      ...read('task_struct.pid'), ...low] },
  { what: 'the list of a task without children leads to itself', where: 'lsm/task_getpgid', act: getpgid, value: 0n,
    code: ['call bpf_get_current_task', 'r6 = r0', 'r7 = r0', `r7 += ${at('task_struct.children')}`,
      ...read('task_struct.children.next'), 'r6 -= r7'] },
  { what: 'an open file, by the table of descriptors', where: 'lsm/task_getpgid', act: getpgid, value: 5n,
    code: [...CURRENT, ...read('task_struct.files'), ...read('files_struct.fdt'), ...read('fdtable.fd'),
      'r1 = r10', 'r1 += -8', 'r2 = 8', 'r3 = r6', 'call bpf_probe_read_kernel', 'r6 = *(u64 *)(r10 -8)',
      ...read('file.f_inode'), ...read('inode.i_size')] },
  { what: 'descriptors in use', where: 'lsm/task_getpgid', act: getpgid, value: 1n,
    code: [...CURRENT, ...read('task_struct.files'), ...read('files_struct.fdt'), ...read('fdtable.open_fds'),
      'r1 = r10', 'r1 += -8', 'r2 = 8', 'r3 = r6', 'call bpf_probe_read_kernel', 'r6 = *(u64 *)(r10 -8)'] },
  { what: 'the hierarchy of a group', where: 'lsm/task_getpgid', act: getpgid, value: 0n,
    code: [...CURRENT, ...read('task_struct.cgroups'), ...read('css_set.dfl_cgrp'), ...read('cgroup.root'),
      ...read('cgroup_root.hierarchy_id'), ...low] },
  { what: 'the controller of a state', where: 'lsm/task_getpgid', act: getpgid, value: 3n,
    code: [...CURRENT, ...read('task_struct.cgroups'), ...read('css_set.subsys', 3 * 8),
      ...read('cgroup_subsys_state.ss'), ...read('cgroup_subsys.id'), ...low] },
  { what: 'names of a file that has one', where: 'lsm/file_open', act: openAgain, value: 1n,
    code: [...argument(0), ...read('file.f_inode'), ...read('inode.__i_nlink'), ...low] },
  { what: 'bits of a block', where: 'lsm/file_open', act: openAgain, value: 12n,
    code: [...argument(0), ...read('file.f_inode'), ...read('inode.i_blkbits'), 'r6 &= 255'] },
  { what: 'the bytes that a message carries', where: 'lsm/socket_sendmsg', act: send, value: BigInt(ITER_UBUF_BYTE),
    code: [...argument(1), ...read('msghdr.msg_iter.ubuf'), 'r1 = r10', 'r1 += -8', '*(u64 *)(r1 +0) = 0', 'r2 = 1',
      'r3 = r6', 'call bpf_probe_read_user', 'r6 = *(u8 *)(r10 -8)'] },
  { what: 'how many there are', where: 'lsm/socket_sendmsg', act: send, value: 3n,
    code: [...argument(1), ...read('msghdr.msg_iter.__iov'), ...read('iovec.iov_len')] },
  { what: 'the same by the place of a union', where: 'lsm/bpf', value: 77n,
    act: ({ sys, init }) => sys.bpf(init, BPF_LINK_GET_FD_BY_ID, { link_id: 77 }, 152),
    code: [...argument(1), ...read('bpf_attr.prog_type'), ...low] },
  { what: 'a name that is looked for', where: 'fentry/do_unlinkat', act: unlink, value: BigInt('/'.charCodeAt(0)),
    code: [...argument(1), ...read('filename.name'), 'r1 = r10', 'r1 += -8', '*(u64 *)(r1 +0) = 0', 'r2 = 1', 'r3 = r6',
      'call bpf_probe_read_kernel', 'r6 = *(u8 *)(r10 -8)'] },
  { what: 'how a removal ends', where: 'fexit/do_unlinkat', value: BigInt.asUintN(32, BigInt(-ENOENT)),
    act: ({ sys, init }) => sys.unlink(init, '/tmp/none'), code: [...argument(2), ...low] },
  { what: 'bytes that are read', where: 'fexit/vfs_read', value: BigInt('h'.charCodeAt(0)),
    act: ({ sys, init, fd }) => sys.pread64(init, fd, new Uint8Array(5), 0),
    code: [...argument(1), 'r1 = r10', 'r1 += -8', '*(u64 *)(r1 +0) = 0', 'r2 = 1', 'r3 = r6',
      'call bpf_probe_read_user', 'r6 = *(u8 *)(r10 -8)'] },
  { what: 'how many are', where: 'fexit/vfs_read', value: 4n,
    act: ({ sys, init, fd }) => sys.pread64(init, fd, new Uint8Array(9), 1), code: argument(4) },
  { what: 'the file that is written', where: 'fentry/vfs_write', value: 5n,
    act: ({ sys, init, fd }) => sys.pwrite64(init, fd, text('x'), 0),
    code: [...argument(0), ...read('file.f_inode'), ...read('inode.i_size')] },
  { what: 'the file that is opened', where: 'fexit/vfs_open', act: openAgain, value: 5n,
    code: [...argument(1), ...read('file.f_inode'), ...read('inode.i_size')] },
  { what: 'credentials that are taken', where: 'fentry/commit_creds', value: 7n,
    act: ({ sys, fork }) => sys.setuid(fork(), 7), code: [...argument(0), ...read('cred.uid'), ...low] },
  { what: 'around a function of the framework by its own name', where: 'fentry/security_prepare_creds', value: 0n,
    act: ({ sys, fork }) => sys.setuid(fork(), 7), code: [...argument(1), ...read('cred.uid'), ...low] },
  { what: 'the task that goes on', where: 'tp_btf/sched_switch', value: 2n,
    act: ({ sys, init, fork }) => {
      const child = fork()
      sys.getpid(init)
      sys.getpid(child)
    },
    code: [...argument(2), ...read('task_struct.pid'), ...low] },
  { what: 'a task that is freed', where: 'raw_tp/sched_process_free', act: forkAndEnd, value: 2n,
    code: [...argument(0), ...read('task_struct.pid'), ...low] },
  { what: 'the child that is waited for', where: 'raw_tp/sched_process_wait', act: forkAndEnd, value: 2n,
    code: [...argument(0), ...read('pid.numbers'), ...low] },
  { what: 'a status at the end', where: 'tp_btf/sched_process_exit', act: forkAndEnd, value: 0x300n,
    code: [...argument(0), ...read('task_struct.signal'), ...read('signal_struct.group_exit_code'), ...low] },
  { what: 'a signal that is sent', where: 'tp_btf/signal_generate', value: BigInt(SIGCONT),
    act: ({ sys, init, fork }) => sys.kill(init, fork().pid, SIGCONT), code: argument(0) },
  { what: 'a signal that is taken', where: 'tp_btf/signal_deliver', value: BigInt(SIGTERM),
    act: ({ sys, init, fork }) => sys.kill(init, fork().pid, SIGTERM), code: argument(0) },
  { what: 'a group that is gone', where: 'raw_tp/cgroup_release', value: 1n,
    act: ({ sys, init }) => {
      sys.mkdir(init, '/sys/fs/cgroup/own', 0o755)
      sys.rmdir(init, '/sys/fs/cgroup/own')
    },
    code: [...argument(0), ...read('cgroup.level'), ...low] },
  { what: 'a group that gets its first task', where: 'tp_btf/cgroup_notify_populated', value: 1n,
    act: moveIntoGroup, code: argument(2) },
  { what: 'a group that is frozen', where: 'tp_btf/cgroup_notify_frozen', value: 1n,
    act: (own) => writeTo(own, 'cgroup.freeze', '1'), code: argument(2) },
  { what: 'the state that a socket leaves', where: 'tp_btf/inet_sock_set_state', value: 7n,
    act: listen, code: [...argument(1), ...low] },
  { what: 'the state that a socket gets', where: 'raw_tp/inet_sock_set_state', value: 10n,
    act: listen, code: [...argument(2), ...low] },
  { what: 'the port of a socket that listens', where: 'tp_btf/inet_sock_set_state', value: 0x1234n,
    act: listen, code: [...argument(0), ...read('sock.__sk_common.skc_num'), 'r6 &= 65535'] },
  { what: 'a status, on the way into the end', where: 'fentry/do_exit', act: forkAndEnd, value: 0x300n,
    code: argument(0) },
  { what: 'who ends', where: 'fentry/do_exit', act: forkAndEnd, value: 2n,
    code: [...CURRENT, ...read('task_struct.pid'), ...low] },
  { what: 'a status for all threads', where: 'fentry/do_group_exit', act: forkAndEnd, value: 0x300n,
    code: [...argument(0), ...low] },
  { what: 'the signal of a child that is made', where: 'fentry/kernel_clone', value: 17n,
    act: ({ fork }) => fork(), code: [...argument(0), ...read('kernel_clone_args.exit_signal'), ...low] },
  { what: 'the number of a child that was made', where: 'fexit/kernel_clone', value: 2n,
    act: ({ fork }) => fork(), code: [...argument(1), ...low] },
  { what: 'the name that is opened', where: 'fentry/do_filp_open', act: openAgain, value: BigInt('0x2f706d742f'),
    code: [...argument(1), ...read('filename.name'), 'r1 = r10', 'r1 += -8',
      '*(u64 *)(r1 +0) = 0', 'r2 = 5', 'r3 = r6', 'call bpf_probe_read_kernel', 'r6 = *(u64 *)(r10 -8)'] },
  { what: 'the flags of an open', where: 'fentry/do_filp_open', value: BigInt(O_RDWR), act: openAgain,
    code: [...argument(2), ...read('open_flags.open_flag'), 'r6 &= 3'] },
  { what: 'the file that was opened', where: 'fexit/do_filp_open', act: openAgain, value: 5n,
    code: [...argument(3), ...read('file.f_inode'), ...read('inode.i_size')] },
  { what: 'the error of an open', where: 'fexit/do_filp_open', value: BigInt.asUintN(64, BigInt(-ENOENT)),
    act: ({ sys, init }) => sys.openat(init, AT_FDCWD, '/none', O_RDWR, 0), code: argument(3) },
])('$what, on $where', ({ where, code, act, value }) => {
  expect(seenBy(world(), where, code, act)).toBe(value)
})

const shared = world()

test.each([
  ...tracepointNames.map((name) => `tp_btf/${name}`),
  ...functionNames.flatMap((name) => (/^do_(?:group_)?exit$/.test(name)
    ? [`fentry/${name}`] : [`fentry/${name}`, `fexit/${name}`])),
  ...['task', 'task_file', 'bpf_prog', 'bpf_link', 'ksym', 'tcp', 'udp', 'unix', 'netlink', 'ipv6_route', 'sockmap']
    .map((name) => `iter/${name}`),
])('a program is put on %s', (where) => {
  const { programs, stack } = shared
  const loaded = programs.load(stack, objectOf(where, ['r0 = 0', 'exit']))
  loaded.attachAll()
  loaded.unload()
})

test('functions are themselves again when nobody looks, and tracepoints of parts that are not here are known', () => {
  const { programs, stack, kernel: { machine: { vfs } } } = world()
  const before = vfs.vfs_read
  const loaded = programs.load(stack, objectOf('fentry/vfs_read', ['r0 = 0', 'exit']))
  loaded.attachAll()
  expect(vfs.vfs_read).not.toBe(before)
  loaded.unload()
  expect(vfs.vfs_read).toBe(before)
  expect([silentTracepoints.has('module_load'), silentTracepoints.has('sys_enter')]).toEqual([true, false])
})

test('iterators show programs and links', () => {
  const { programs, stack } = world()
  programs.load(stack, objectOf('lsm/file_open', ['r0 = 0', 'exit'])).attachAll()
  const ids = (name: string): Uint8Array => {
    const seq = ['r6 = r1', 'r2 = *(u64 *)(r1 +8)', 'if r2 == 0 goto end', 'r3 = *(u64 *)(r1 +0)',
      'r1 = *(u64 *)(r3 +0)', '*(u8 *)(r10 -1) = 65', 'r2 = r10', 'r2 += -1', 'r3 = 1', 'call bpf_seq_write', 'end:',
      'r0 = 0', 'exit']
    return programs.load(stack, objectOf(`iter/${name}`, seq)).program('look').iterate()
  }
  expect(new TextDecoder().decode(ids('bpf_prog'))).toBe('AA')
  expect(new TextDecoder().decode(ids('bpf_link'))).toBe('A')
})
