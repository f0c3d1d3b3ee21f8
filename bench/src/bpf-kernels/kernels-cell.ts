/** The verifier of one release on 136,504 instructions, or six releases on many objects, by processor time. */
import { readFileSync } from 'node:fs'
import { kernelReleases, verifyOn } from '@lsmkit/bpf/kernels'
import type { KernelRelease } from '@lsmkit/bpf/kernels'
import { verify } from '@lsmkit/bpf/verifier'
import { vmlinuxBtf } from '@lsmkit/bpf/vmlinux'
import { walked } from '../bpf/kernels.ts'
import { objectOf } from '../bpf/machine.ts'
import type { Cell } from '../harness/cell.ts'

export interface KernelsArgs {
  /** Null: all that programs ship to, on `programs` programs. */
  readonly kernel: KernelRelease | null
  readonly programs: number
}

const names = ['deflector', 'detector', 'everything', 'seldom', 'surveyor', 'witness']

/** Nanoseconds of the processor, all threads together: other work of the machine does not count. */
const byProcessor = (operation: () => number): (() => number) => {
  let sink = 0
  return () => {
    const before = process.cpuUsage()
    sink ^= operation()
    const { user, system } = process.cpuUsage(before)
    if (sink === 0x7ffffffe) process.stderr.write('')
    return (user + system) * 1000
  }
}

/** Objects of this repository, again and again, until there are so many programs. */
const matrix = (count: number): number => {
  const kernels = kernelReleases.filter((release) => release !== '5.10')
  let programs = 0
  for (let at = 0; programs < count; at++) {
    const path = new URL(`../../../packages/bpf/objects/${names[at % names.length]}.o`, import.meta.url)
    programs += verifyOn(readFileSync(path), { kernels, types: () => vmlinuxBtf() }).length
  }
  return programs
}

export const cell = ({ kernel, programs }: KernelsArgs): Cell => {
  if (kernel === null) return { pass: byProcessor(() => matrix(programs)) }
  const object = objectOf(walked, 'file_open')
  const walk = (): number => verify(object.programs[0]!, { object, kernelBtf: vmlinuxBtf(), kernel }).processed
  return { pass: byProcessor(walk), ask: { processed: walk } }
}
