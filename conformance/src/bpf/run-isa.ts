/** Runs a program as the bpf_conformance suite does: r1 is the memory's address, r2 its length. */
import { BPF_ALU64, BPF_JMP, BPF_CALL, BPF_MOV, BPF_PSEUDO_CALL } from '@lsmkit/abi'
import { emptyCode } from '@lsmkit/bpf/insn'
import type { Code } from '@lsmkit/bpf/insn'
import { BpfMemory, BpfThrow, loadCode, Machine } from '@lsmkit/bpf/vm'
import type { Engine, Helper } from '@lsmkit/bpf/vm'

/** Instructions of one case. */
const BUDGET = 10_000_000

/** Number 5 of the suite's helpers: ends the program with 0 when its argument is 0. */
const unwind: Helper = {
  name: 'unwind',
  args: 'l',
  result: 's',
  call: (low, high) => {
    if (low === 0 && high === 0) throw new BpfThrow(0, 0)
    return low!
  },
}

/** r0 in hex. Throws what stops the program. */
export const runIsa = (engine: Engine, code: Code, bytes: Uint8Array): string => {
  const machine = new Machine(new BpfMemory({ readOnly: 65536, data: 4 << 20 }), BUDGET)
  const address = machine.memory.alloc(bytes.length)
  machine.memory.u8.set(bytes, address)
  const program = loadCode(machine, withLength(code, bytes.length), engine, {
    helper: (id) => (id === 5 ? unwind : undefined),
  })
  const low = program.run(bytes.length === 0 ? 0 : address)
  const r0 = (BigInt(machine.high >>> 0) << 32n) | BigInt(low >>> 0)
  return `0x${r0.toString(16)}`
}

/** In front of the program: r2 becomes the length, and the program itself is called, so that its jumps stay. */
const withLength = (code: Code, length: number): Code => {
  const head = 3
  const whole = emptyCode(code.length + head)
  whole.op.set([BPF_ALU64 | BPF_MOV, BPF_JMP | BPF_CALL, 0x95])
  whole.dst.set([2])
  whole.src.set([0, BPF_PSEUDO_CALL])
  whole.imm.set([length, 1])
  for (const column of ['op', 'dst', 'src', 'off', 'imm'] as const) whole[column].set(code[column], head)
  return whole
}
