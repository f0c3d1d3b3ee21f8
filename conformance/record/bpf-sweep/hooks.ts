/** Every function `bpf_lsm_*` of a kernel: programs that return each constant, and that load each argument. */
import {
  BPF_ALU64, BPF_DW, BPF_EXIT, BPF_JMP, BPF_LDX, BPF_LSM_MAC, BPF_MEM, BPF_MOV, BPF_PROG_TYPE_LSM,
} from '@lsmkit/abi'
import type { Btf } from '@lsmkit/bpf/btf'
import type { SweepCase } from '../../src/bpf-sweep/case.ts'

/** On both sides of what callers of hooks take: -4095 to 0, and 0 or 1. */
const ANSWERS = [0, 1, 2, -1, -4095, -4096]
/** One more than the hook with most arguments has, and the place of the result. */
const PLACES = [0, 1, 2, 3, 4, 5, 6, 7]

/** `struct bpf_insn` in hexadecimal. */
const insn = (op: number, registers = 0, offset = 0, imm = 0): string => {
  const bytes = Buffer.alloc(8)
  bytes[0] = op
  bytes[1] = registers
  bytes.writeInt16LE(offset, 2)
  bytes.writeInt32LE(imm, 4)
  return bytes.toString('hex')
}

const returning = (answer: number): string => insn(BPF_ALU64 | BPF_MOV, 0, 0, answer) + insn(BPF_JMP | BPF_EXIT)
/** `r2 = *(u64 *)(r1 + 8 * place); r0 = 0; exit`. */
const loading = (place: number): string => insn(BPF_LDX | BPF_MEM | BPF_DW, 0x12, 8 * place) + returning(0)

export function* hookCases(kernel: Btf): Generator<SweepCase> {
  const targets = [...kernel.ids('func')].map((id) => kernel.name(id)).filter((name) => name.startsWith('bpf_lsm_'))
  const programs = [
    ...ANSWERS.map((answer) => [returning(answer), false] as const),
    [returning(0), true] as const,
    ...PLACES.map((place) => [loading(place), false] as const),
  ]
  for (const target of new Set(targets)) {
    for (const [code, sleepable] of programs) {
      yield {
        topic: 'hooks', type: BPF_PROG_TYPE_LSM, attach: BPF_LSM_MAC, target, sleepable, isGpl: true, isRoot: true,
        functions: [[0, 'entry']], kfuncs: [], code,
      }
    }
  }
}
