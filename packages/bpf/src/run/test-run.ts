/** BPF_PROG_TEST_RUN: a program on a context made up for its type, and what it returns. */
import * as abi from '@lsmkit/abi'
import { bytes, checkOptions } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import type { Btf } from '../btf/btf.ts'
import type { ProgramSpec } from '../object/bpf-object.ts'
import { BpfFault } from '../vm/fault.ts'
import type { Machine, Runnable } from '../vm/machine.ts'
import { loadFromSkb, netfilterContext, skbContext, xdpContext } from './packet-context.ts'
import type { PacketContext } from './packet-context.ts'
import type { OpenedObject, ProgramBuilder, RefusedSlot, Verified } from './program-builder.ts'

export interface TestRun {
  /** The packet; 64 zero bytes when not given, as the kernel's own loader of tests sends. */
  readonly packet?: Uint8Array
  /** The context of programs that take one of the caller's (tracing, syscall): none when not given. */
  readonly context?: Uint8Array
}

export interface TestResult {
  /** r0 as the caller of the system call sees it: 32 bits, unsigned. */
  readonly retval: number
  readonly fault: BpfFault | null
  /** The packet after the run; null if there was none. */
  readonly packet: Uint8Array | null
}

/** With the slots of PROG_ARRAYs that did not take the program they name, and stay empty. */
export interface ObjectTestResult extends TestResult {
  readonly refusedSlots: readonly RefusedSlot[]
}

const PACKET_SIZE = 64
/** A context that is one has room for twelve arguments and a result. */
const WORDS = 13

const SKB_TYPES: ReadonlySet<number> = new Set([
  abi.BPF_PROG_TYPE_SOCKET_FILTER, abi.BPF_PROG_TYPE_SCHED_CLS, abi.BPF_PROG_TYPE_SCHED_ACT,
  abi.BPF_PROG_TYPE_CGROUP_SKB, abi.BPF_PROG_TYPE_LWT_IN, abi.BPF_PROG_TYPE_LWT_OUT, abi.BPF_PROG_TYPE_LWT_XMIT,
  abi.BPF_PROG_TYPE_LWT_SEG6LOCAL, abi.BPF_PROG_TYPE_SK_SKB, abi.BPF_PROG_TYPE_FLOW_DISSECTOR,
])
/** Those that see the Ethernet header. */
const FRAME_TYPES: ReadonlySet<number> = new Set([abi.BPF_PROG_TYPE_SCHED_CLS, abi.BPF_PROG_TYPE_SCHED_ACT])

const rules: OptionRules<TestRun> = { packet: bytes, context: bytes }

/**
 * Runs a program once, on the packet or context given, or on one made up for its type. The object's PROG_ARRAYs are
 * filled first; libbpf would not load an object with a slot that refuses its program, so look at `refusedSlots`.
 */
export const testRun = (
  programBuilder: ProgramBuilder, opened: OpenedObject, program: ProgramSpec, given: TestRun = {},
  verified: Verified = {},
): ObjectTestResult => {
  checkOptions(given, rules, 'testRun')
  const { programs, maps } = opened.object
  const refusedSlots = [
    ...opened.fillSlots((name) => {
      const other = programs.find((candidate) => candidate.name === name)
      return other === undefined ? null : { runnable: opened.load(other, 0), traits: opened.traits(other) }
    }),
    ...maps.filter(({ type }) => type === abi.BPF_MAP_TYPE_PROG_ARRAY).flatMap((map) =>
      [...map.slots].filter(([, name]) => !programs.some((one) => one.name === name)).map(([index, name]) =>
        ({ map: map.symbol, index, program: name, errno: -abi.ENOENT, reason: 'the object has no such program' }))),
  ]
  const runnable = opened.load(program, 0, verified)
  return { ...runOnce(programBuilder, opened.kernelBtf, program.type, runnable, given), refusedSlots }
}

/** A program that is loaded, once; the caller's context is brought up to date. */
export const runOnce = (
  { machine }: ProgramBuilder, kernelBtf: Btf | null, type: number, runnable: Runnable, given: TestRun,
): TestResult => {
  machine.packetLoad = (at, offset, size) => loadFromSkb(machine, at, offset, size)
  const { top } = machine.objects
  try {
    return runOn(machine, kernelBtf, type, runnable, given)
  } finally {
    machine.objects.release(top, true)
  }
}

const runOn = (
  machine: Machine, kernelBtf: Btf | null, type: number, runnable: Runnable, { packet, context }: TestRun,
): TestResult => {
  const made = packetContext(machine, kernelBtf, type, packet ?? new Uint8Array(PACKET_SIZE))
  if (made !== null) return finish(runnable, made.address, made)
  const isNone = type === abi.BPF_PROG_TYPE_SYSCALL && context === undefined
  const size = Math.max(context?.length ?? 0, isNone ? 0 : WORDS * 8)
  const address = isNone ? 0 : machine.memory.alloc(size)
  if (context !== undefined) machine.memory.u8.set(context, address)
  return finish(runnable, address, {
    packet: nothing,
    free: () => {
      if (context !== undefined) context.set(machine.memory.u8.subarray(address, address + context.length))
      machine.memory.free(address, size)
    },
  })
}

/** Null for programs on something else than a packet. */
const packetContext = (
  machine: Machine, kernelBtf: Btf | null, type: number, frame: Uint8Array,
): PacketContext | null => {
  if (SKB_TYPES.has(type)) return skbContext(machine, frame, !FRAME_TYPES.has(type))
  if (type === abi.BPF_PROG_TYPE_XDP) return xdpContext(machine, frame)
  return type === abi.BPF_PROG_TYPE_NETFILTER ? netfilterContext(machine, frame, kernelBtf) : null
}

/** What is left of a context after the run. */
interface Ends {
  packet(): Uint8Array | null
  free(): void
}

const nothing = (): null => null

const finish = (runnable: Runnable, address: number, on: Ends): TestResult => {
  try {
    const retval = runnable.run(address) >>> 0
    return { retval, fault: null, packet: on.packet() }
  } catch (error) {
    if (!(error instanceof BpfFault)) throw error
    return { retval: 0, fault: error, packet: null }
  } finally {
    on.free()
  }
}
