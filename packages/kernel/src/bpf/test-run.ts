/** BPF_PROG_TEST_RUN: runs a program on a packet or a context that the caller gives (net/bpf/test_run.c). */
import * as abi from '@lsmkit/abi'
import { AF_UNSPEC, EINVAL, ENOMEM, ENOTSUPP, ENOSPC } from '@lsmkit/abi'
import type { Attr } from './attr.ts'
import { answerAt, bytesAt } from './context.ts'
import type { BpfCommands, Command } from './context.ts'
import type { TestOutput } from '@lsmkit/core'
import type { KernelProg } from '../state/bpf/objects.ts'
import type { Machine } from '../machine.ts'
import { progOf } from './descriptors.ts'

const GFP_USER = 0x100cc0
const ETH_HLEN = 14
/** A page less the head and tail room of a packet. */
const MOST_DATA = 4096 - 64 - 320
/** Of XDP, whose frames may have fragments. */
const MOST_FRAME = 65536
const MOST_CONTEXT = 0xffff
/** Words of a raw tracepoint's arguments. */
const MOST_ARGS = 12 * 8

/** On a packet with a socket of its own. */
const ON_SKB: ReadonlySet<number> = new Set([
  abi.BPF_PROG_TYPE_SOCKET_FILTER, abi.BPF_PROG_TYPE_SCHED_CLS, abi.BPF_PROG_TYPE_SCHED_ACT,
  abi.BPF_PROG_TYPE_CGROUP_SKB, abi.BPF_PROG_TYPE_LWT_IN, abi.BPF_PROG_TYPE_LWT_OUT, abi.BPF_PROG_TYPE_LWT_XMIT,
  abi.BPF_PROG_TYPE_LWT_SEG6LOCAL,
])
const ON_PACKET: ReadonlySet<number> = new Set([abi.BPF_PROG_TYPE_XDP, abi.BPF_PROG_TYPE_FLOW_DISSECTOR])
const ON_CONTEXT: ReadonlySet<number> = new Set([
  abi.BPF_PROG_TYPE_RAW_TRACEPOINT, abi.BPF_PROG_TYPE_RAW_TRACEPOINT_WRITABLE, abi.BPF_PROG_TYPE_SYSCALL,
])

/** As `sk_alloc` and `sk_free` of the packet's own socket, around the run. */
const withSock = (machine: Machine, run: () => number): number => {
  const sk = machine.objects.sock(AF_UNSPEC, 0, 0)
  if (machine.lsm.sk_alloc_security.ask(sk, AF_UNSPEC, GFP_USER) !== 0) return -ENOMEM
  try {
    return run()
  } finally {
    machine.lsm.sk_free_security.tell(sk)
  }
}

/** As `bpf_test_finish`: -ENOSPC when the packet has grown beyond the caller's room. */
const finish = (attr: Attr, { retval, data, context, duration }: TestOutput): number => {
  const out = attr.pointer('data_out')
  const room = attr.number('data_size_out')
  let rc = 0
  if (data !== null && out !== null) {
    const part = data.subarray(0, room === 0 ? data.length : room)
    rc = answerAt(out, part)
    if (rc === 0 && part.length < data.length) rc = -ENOSPC
  }
  if (context !== null && attr.pointer('ctx_out') !== null) {
    rc ||= answerAt(attr.pointer('ctx_out'), context.subarray(0, attr.number('ctx_size_out')))
    attr.out.ctx_size_out = context.length
  }
  if (data !== null) attr.out.data_size_out = data.length
  attr.out.retval = retval
  attr.out.duration = duration
  return rc
}

const run = (attr: Attr, prog: KernelProg, data: Uint8Array | null, context: Uint8Array | null): number => {
  const done = prog.engine.run({ data, context, repeat: attr.number('repeat') })
  return typeof done === 'number' ? done : finish(attr, done)
}

const contextIn = (attr: Attr): Uint8Array | null | number =>
  attr.pointer('ctx_in') === null ? null : bytesAt(attr.pointer('ctx_in'), attr.number('ctx_size_in'))

const onPacket = (machine: Machine, attr: Attr, prog: KernelProg): number => {
  const size = attr.number('data_size_in')
  const isXdp = prog.type === abi.BPF_PROG_TYPE_XDP
  const flags = attr.number('flags') & ~(ON_SKB.has(prog.type) ? abi.BPF_F_TEST_SKB_CHECKSUM_COMPLETE : 0)
  if (flags !== 0 || attr.number('cpu') !== 0 || attr.number('batch_size') !== 0) return -EINVAL
  if (size < ETH_HLEN || size > (isXdp ? MOST_FRAME : MOST_DATA)) return -EINVAL
  const data = bytesAt(attr.pointer('data_in'), size)
  if (typeof data === 'number') return data
  const context = contextIn(attr)
  if (typeof context === 'number') return context
  const runOnce = (): number => run(attr, prog, data, context)
  return ON_SKB.has(prog.type) ? withSock(machine, runOnce) : runOnce()
}

const onContext = (attr: Attr, prog: KernelProg): number => {
  const isSyscall = prog.type === abi.BPF_PROG_TYPE_SYSCALL
  const hasData = ['data_in', 'data_out', 'ctx_out'].some((name) => attr.pointer(name) !== null)
  const flags = attr.number('flags') & ~(isSyscall ? 0 : abi.BPF_F_TEST_RUN_ON_CPU)
  if (hasData || flags !== 0 || attr.number('repeat') !== 0 || attr.number('duration') !== 0) return -EINVAL
  const size = attr.number('ctx_size_in')
  if (size > (isSyscall ? MOST_CONTEXT : MOST_ARGS)) return -EINVAL
  const context = contextIn(attr)
  if (typeof context === 'number') return context
  const rc = run(attr, prog, null, context)
  // a syscall program answers in the context that it was given
  return rc === 0 && isSyscall && context !== null ? answerAt(attr.pointer('ctx_in'), context) : rc
}

const test_run: Command = (machine, attr) => {
  if (attr.hasTail) return -EINVAL
  for (const name of ['ctx_in', 'ctx_out'] as const) {
    const size = attr.number(name === 'ctx_in' ? 'ctx_size_in' : 'ctx_size_out')
    if ((size !== 0) !== (attr.pointer(name) !== null)) return -EINVAL
  }
  const prog = progOf(machine, attr.fd('prog_fd'))
  if (typeof prog === 'number') return prog
  if (ON_SKB.has(prog.type) || ON_PACKET.has(prog.type)) return onPacket(machine, attr, prog)
  return ON_CONTEXT.has(prog.type) ? onContext(attr, prog) : -ENOTSUPP
}

export const testRunCommands: BpfCommands = { [abi.BPF_PROG_TEST_RUN]: test_run }
