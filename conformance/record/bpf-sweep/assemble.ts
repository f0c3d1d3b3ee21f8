/** Assembly with names of kernel functions and of the program's own, as a line of the sweep. */
import { assemble, encodeCode } from '@lsmkit/bpf/insn'
import type { Code } from '@lsmkit/bpf/insn'
import { startsOf } from '../../src/bpf-sweep/case.ts'
import type { SweepCase } from '../../src/bpf-sweep/case.ts'
import type { Kind } from './kinds.ts'

/** No helper: stands where a kernel function is called. */
const MARK = 9999
const CALL = 0x85

export interface Text {
  readonly topic: string
  readonly kind: Kind
  /** `call kfunc NAME` calls a kernel function; `fn_NAME:` begins a function of the world's type NAME. */
  readonly lines: readonly string[]
  readonly isGpl?: boolean
  readonly isRoot?: boolean
  /** Without types even where it has functions. */
  readonly isBare?: boolean
}

export const hex = (code: Code): string => Buffer.from(encodeCode(code)).toString('hex')

export const caseOf = ({ topic, kind, lines, isGpl = true, isRoot = true, isBare = false }: Text): SweepCase => {
  const named: string[] = []
  const text = lines.join('\n').replace(/call kfunc (\w+)/g, (_, name: string) => {
    named.push(name)
    return `call #${MARK}`
  })
  const code = assemble(text)
  const kfuncs: [number, string][] = []
  for (let slot = 0; slot < code.length; slot++) {
    if (code.op[slot] !== CALL || code.src[slot] !== 0 || code.imm[slot] !== MARK) continue
    code.src[slot] = 2
    code.imm[slot] = 0
    kfuncs.push([slot, named[kfuncs.length]!])
  }
  const names = ['entry', ...[...text.matchAll(/^fn_(\w+?)(?:__\d+)?:$/gm)].map(([, name]) => name!)]
  const starts = startsOf(code)
  const functions = isBare || starts.length !== names.length ? []
    : starts.map((start, index): [number, string] => [start, names[index]!])
  const { type, attach, target, sleepable } = kind
  return { topic, type, attach, target, sleepable, isGpl, isRoot, functions, kfuncs, code: hex(code) }
}
