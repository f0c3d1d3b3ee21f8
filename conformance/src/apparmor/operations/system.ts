/** Privileged calls that change nothing, mounts, queues. */
import { FSCONFIG_CMD_CREATE, O_NONBLOCK } from '@lsmkit/abi'
import { keep, name, num, plain } from './play.ts'
import type { Play } from './play.ts'

/** Size of union bpf_attr as it is given. */
const ATTR_SIZE = 72

/** BPF_MAP_TYPE_ARRAY with one entry of four bytes. */
const ARRAY_MAP = { map_type: 2, key_size: 4, value_size: 4, max_entries: 1 }

/** QCMD(Q_GETFMT, USRQUOTA). */
const GET_FORMAT = 0x80000400

const orNull = (text: string | undefined): string | null => (text === undefined || text === '-' ? null : name(text))

export const systemOperations: Readonly<Record<string, Play>> = {
  mount: ({ kernel }, { task }, [source, target, type, flags, data]) =>
    [kernel.sys.mount(task, orNull(source), name(target), orNull(type), num(flags), orNull(data))],
  umount: ({ kernel }, { task }, [target, flags]) => [kernel.syscall(task, 'umount2', name(target), num(flags))],
  pivot_root: plain('pivot_root', 'pp'),
  open_tree: (world, actor, [path, flags, at]) =>
    keep(world, actor, at, world.kernel.syscall(actor.task, 'open_tree', -100, name(path), num(flags))),
  fsmount(world, actor, [type, at]) {
    const { kernel } = world
    const context = kernel.syscall(actor.task, 'fsopen', name(type), 0)
    if (context < 0) return [context]
    const rc = kernel.syscall(actor.task, 'fsconfig', context, FSCONFIG_CMD_CREATE, null, null, 0)
    const fd = rc < 0 ? rc : kernel.syscall(actor.task, 'fsmount', context, 0, 0)
    kernel.sys.close(actor.task, context)
    return keep(world, actor, at, fd)
  },
  mq_open: ({ kernel }, { task }, [queue, flags]) =>
    [Math.min(kernel.syscall(task, 'mq_open', name(queue), num(flags), 0o644, null), 0)],
  mq_unlink: plain('mq_unlink', 'p'),
  msgget: ({ kernel }, { task }) => [Math.min(kernel.syscall(task, 'msgget', 0, 0o1600), 0)],
  sethostname: ({ kernel }, { task }) => [kernel.syscall(task, 'sethostname', new TextEncoder().encode('x'), 1)],
  setdomainname: ({ kernel }, { task }) => [kernel.syscall(task, 'setdomainname', new TextEncoder().encode('x'), 1)],
  syslog: ({ kernel }, { task }) => [Math.min(kernel.syscall(task, 'syslog', 8, null, 1), 0)],
  acct: ({ kernel }, { task }) => [kernel.syscall(task, 'acct', null)],
  init_module: ({ kernel }, { task }) => [kernel.syscall(task, 'init_module', new Uint8Array(), 0, '')],
  swapoff: ({ kernel }, { task }) => [kernel.syscall(task, 'swapoff', '/nothere')],
  iopl: ({ kernel }, { task }) => [kernel.syscall(task, 'iopl', 0)],
  ioperm: ({ kernel }, { task }) => [kernel.syscall(task, 'ioperm', 0x80, 1, 1)],
  mlock: ({ kernel }, { task }) => [Math.min(kernel.syscall(task, 'mlock', 0, 0), 0)],
  reboot: ({ kernel }, { task }) => [kernel.syscall(task, 'reboot', 0xfee1dead, 672274793, 0x12345, null)],
  settime: ({ kernel }, { task }) => [kernel.syscall(task, 'settimeofday', { tv_sec: 0, tv_usec: -1 }, null)],
  adjtimex: ({ kernel }, { task }) => [Math.min(kernel.syscall(task, 'adjtimex', { modes: 2, freq: 0 }), 0)],
  quotactl: ({ kernel }, { task }) => [kernel.syscall(task, 'quotactl', GET_FORMAT, null, 0, null)],
  bpf: ({ kernel }, { task }) => [Math.min(kernel.syscall(task, 'bpf', 0, ARRAY_MAP, ATTR_SIZE), 0)],
  vhangup: ({ kernel }, { task }) => [kernel.syscall(task, 'vhangup')],
  setns(world, { task }, [which]) {
    const { kernel } = world
    const fd = kernel.sys.open(task, `/proc/1/ns/${which}`, O_NONBLOCK, 0)
    if (fd < 0) return [fd, 'open']
    const rc = kernel.syscall(task, 'setns', fd, 0)
    kernel.sys.close(task, fd)
    return [rc]
  },
}
