/** Sets of processors. A set that a program makes is a `struct bpf_cpumask`: the bits, then a count of its users. */
import { BpfFault } from '../../vm/fault.ts'
import { given, wanted } from '../../helpers/run/helper-env.ts'
import type { KfuncEnv, KfuncLine } from './kfunc-env.ts'

/** Processors of this machine, which answers about sets go by (`nr_cpu_ids`); bits beyond are kept, not counted. */
const PROCESSORS = 1

interface Layout {
  /** Bytes of the bits, of the whole struct. */
  readonly bits: number
  readonly size: number
}

const layoutOf = ({ kernelTypes }: KfuncEnv): Layout => {
  const bits = kernelTypes?.size(kernelTypes.find('cpumask', 'struct')) ?? -1
  const size = kernelTypes?.size(kernelTypes.find('bpf_cpumask', 'struct')) ?? -1
  if (bits <= 0 || size < bits) throw new BpfFault('helper', -1, 'the kernel\'s types have no cpumask')
  return { bits, size }
}

const create = (env: KfuncEnv): number => {
  const { size } = layoutOf(env)
  const address = env.machine.memory.tryAlloc(size)
  if (address !== 0) env.objects.set(address, { size, references: 1 })
  return address
}

const acquire = (env: KfuncEnv, mask = 0): number => {
  const object = env.objects.get(mask >>> 0)
  if (object === undefined) throw new BpfFault('helper', -1, 'not a set that a program made')
  object.references++
  return mask
}

const release = (env: KfuncEnv, mask = 0): number => {
  const object = env.objects.get(mask >>> 0)
  if (object === undefined) throw new BpfFault('helper', -1, 'not a set that a program made')
  if (--object.references > 0) return 0
  env.objects.delete(mask >>> 0)
  env.machine.memory.free(mask >>> 0, object.size)
  return 0
}

/** Bit 0 upwards, of the processors that there are. */
const has = (env: KfuncEnv, mask: number, cpu: number): boolean => {
  const bytes = given(env, mask, layoutOf(env).bits)
  return cpu >= 0 && cpu < PROCESSORS && (bytes[cpu >> 3]! & (1 << (cpu & 7))) !== 0
}

/** Whether the bit was set. A processor that there is not is let be. */
const put = (env: KfuncEnv, mask: number, cpu: number, on: boolean): boolean => {
  const bytes = wanted(env, mask, layoutOf(env).bits)
  if (cpu >>> 0 >= PROCESSORS) return false
  const was = has(env, mask, cpu)
  const bit = 1 << (cpu & 7)
  bytes[cpu >> 3] = on ? bytes[cpu >> 3]! | bit : bytes[cpu >> 3]! & ~bit
  return was
}

const members = (env: KfuncEnv, mask: number): number[] =>
  Array.from({ length: PROCESSORS }, (_, cpu) => cpu).filter((cpu) => has(env, mask, cpu))

/** The first that fits, PROCESSORS when none does. */
const first = (env: KfuncEnv, fits: (cpu: number) => boolean): number => {
  for (let cpu = 0; cpu < PROCESSORS; cpu++) if (fits(cpu)) return cpu
  return PROCESSORS
}

const fill = (env: KfuncEnv, mask: number, on: boolean): number => {
  wanted(env, mask, layoutOf(env).bits).fill(0)
  if (on) for (let cpu = 0; cpu < PROCESSORS; cpu++) put(env, mask, cpu, true)
  return 0
}

/** Bit by bit over two sets; whether anything is left. */
const combine = (join: (one: number, other: number) => number) =>
  (env: KfuncEnv, to = 0, one = 0, other = 0): number => {
    const { bits } = layoutOf(env)
    const [a, b] = [given(env, one, bits).slice(), given(env, other, bits).slice()]
    wanted(env, to, bits).set(a.map((byte, at) => join(byte, b[at]!)))
    return members(env, to).length > 0 ? 1 : 0
  }

const yes = (claim: boolean): number => (claim ? 1 : 0)

export const cpumaskKfuncs: readonly KfuncLine[] = [
  ['bpf_cpumask_create', '', 'u', create],
  ['bpf_cpumask_acquire', 'i', 'u', acquire],
  ['bpf_cpumask_release', 'i', 'v', release],
  ['bpf_cpumask_first', 'i', 'u', (env, mask) => first(env, (cpu) => has(env, mask!, cpu))],
  ['bpf_cpumask_first_zero', 'i', 'u', (env, mask) => first(env, (cpu) => !has(env, mask!, cpu))],
  ['bpf_cpumask_first_and', 'ii', 'u', (env, one, other) =>
    first(env, (cpu) => has(env, one!, cpu) && has(env, other!, cpu))],
  ['bpf_cpumask_set_cpu', 'ii', 'v', (env, cpu, mask) => (put(env, mask!, cpu!, true), 0)],
  ['bpf_cpumask_clear_cpu', 'ii', 'v', (env, cpu, mask) => (put(env, mask!, cpu!, false), 0)],
  ['bpf_cpumask_test_cpu', 'ii', 'u', (env, cpu, mask) => yes(has(env, mask!, cpu!))],
  ['bpf_cpumask_test_and_set_cpu', 'ii', 'u', (env, cpu, mask) => yes(put(env, mask!, cpu!, true))],
  ['bpf_cpumask_test_and_clear_cpu', 'ii', 'u', (env, cpu, mask) => yes(put(env, mask!, cpu!, false))],
  ['bpf_cpumask_setall', 'i', 'v', (env, mask) => fill(env, mask!, true)],
  ['bpf_cpumask_clear', 'i', 'v', (env, mask) => fill(env, mask!, false)],
  ['bpf_cpumask_and', 'iii', 'u', combine((one, other) => one & other)],
  ['bpf_cpumask_or', 'iii', 'v', combine((one, other) => one | other)],
  ['bpf_cpumask_xor', 'iii', 'v', combine((one, other) => one ^ other)],
  ['bpf_cpumask_copy', 'ii', 'v', (env, to, from) => combine((one) => one)(env, to, from, from)],
  ['bpf_cpumask_equal', 'ii', 'u', (env, one, other) =>
    yes(members(env, one!).join() === members(env, other!).join())],
  ['bpf_cpumask_intersects', 'ii', 'u', (env, one, other) =>
    yes(members(env, one!).some((cpu) => has(env, other!, cpu)))],
  ['bpf_cpumask_subset', 'ii', 'u', (env, one, other) =>
    yes(members(env, one!).every((cpu) => has(env, other!, cpu)))],
  ['bpf_cpumask_empty', 'i', 'u', (env, mask) => yes(members(env, mask!).length === 0)],
  ['bpf_cpumask_full', 'i', 'u', (env, mask) => yes(members(env, mask!).length === PROCESSORS)],
  ['bpf_cpumask_weight', 'i', 'u', (env, mask) => members(env, mask!).length],
  ['bpf_cpumask_any_distribute', 'i', 'u', (env, mask) => first(env, (cpu) => has(env, mask!, cpu))],
  ['bpf_cpumask_any_and_distribute', 'ii', 'u', (env, one, other) =>
    first(env, (cpu) => has(env, one!, cpu) && has(env, other!, cpu))],
]
