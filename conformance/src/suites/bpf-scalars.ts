/** The verifier's number domain beside the kernel's own functions: one operation on one or two numbers a row. */
import { ownValue } from '@lsmkit/abi'
import {
  copyNum, formatVector, parseVector, refined, reverseOp, scalarAlu, scalarTaken, signExtend, sync, truncate, UNKNOWN,
} from '@lsmkit/bpf/verifier'
import type { Num } from '@lsmkit/bpf/verifier'
import { played, UsageError } from '../suite.ts'
import type { Suite } from '../suite.ts'

const aluOps: Readonly<Record<string, number>> = {
  add: 0x00, sub: 0x10, mul: 0x20, or: 0x40, and: 0x50, lsh: 0x60, rsh: 0x70, xor: 0xa0, arsh: 0xc0,
}
const jumpOps: Readonly<Record<string, number>> = {
  jeq: 0x10, jgt: 0x20, jge: 0x30, jset: 0x40, jne: 0x50, jsgt: 0x60, jsge: 0x70, jlt: 0xa0, jle: 0xb0, jslt: 0xc0,
  jsle: 0xd0,
}

const branch = (op: number, wide: boolean, a: Num, b: Num): string => {
  const taken = scalarTaken(op, wide, a, b)
  if (taken >= 0) return `${taken}\t-`
  const sides = [op, reverseOp(op)].flatMap((side) => refined(side, wide, a, b))
  return `?\t${sides.map(formatVector).join('|')}`
}

/** Predicted branch and result, as the table writes them. */
const answer = (name: string, left: string, right: string): string => {
  const [, stem, digits] = /^([a-z_]+?)(\d*)$/.exec(name) ?? []
  const a = parseVector(left)
  const b = right === '-' ? UNKNOWN : parseVector(right)
  const size = Number(digits)
  if (stem === 'sync' || stem === 'zext_load' || stem === 'sext_load') {
    const r = copyNum(a)
    if (stem === 'sync') sync(r)
    else if (stem === 'zext_load') truncate(r, size)
    else signExtend(r, size)
    return `-\t${formatVector(r)}`
  }
  const alu = ownValue(aluOps, stem!)
  if (alu !== undefined) return `-\t${formatVector(scalarAlu(alu, size === 64, a, b))}`
  const jump = ownValue(jumpOps, stem!)
  if (jump !== undefined) return branch(jump, size === 64, a, b)
  throw new UsageError(`unknown operation \`${name}\``)
}

export const bpfScalars: Suite = {
  *run(inputs) {
    for (const { text } of inputs) {
      for (const [i, line] of text.split('\n').entries()) {
        if (line === '' || line.startsWith('#')) continue
        const [name, predicted, a, b, result] = line.split('\t')
        if (result === undefined) {
          yield { id: `${i + 1}`, expected: 'five columns', got: line }
          continue
        }
        const got = played(() => answer(name!, a!, b!))
        yield { id: `${i + 1} ${name} ${a} ${b}`, expected: `${predicted}\t${result}`, got }
      }
    }
  },
}
