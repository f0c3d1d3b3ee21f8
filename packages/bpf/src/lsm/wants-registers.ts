/** Which programs look at registers of tasks: for them a kernel keeps those of each call. */
import { BPF_CALL, BPF_FUNC_task_pt_regs, BPF_JMP } from '@lsmkit/abi'
import type { Btf } from '../btf/btf.ts'
import type { Code } from '../insn/code.ts'

const CALL = BPF_JMP | BPF_CALL

/** The place of `task_struct.stack`; -1 where the types have none. */
const stackOffset = (btf: Btf): number => {
  const member = btf.members(btf.find('task_struct', 'struct')).find(({ name }) => name === 'stack')
  return member === undefined ? -1 : member.bitOffset / 8
}

/**
 * Whether it asks for them by the helper, or has the number of bytes at which a task's stack lies. One that has that
 * number for another reason costs a kernel what it keeps, and nothing else.
 */
export const wantsRegisters = (code: Code, btf: Btf): boolean => {
  const stack = stackOffset(btf)
  for (let slot = 0; slot < code.length; slot++) {
    const { op, src, imm, off } = code
    if (op[slot] === CALL && src[slot] === 0 && imm[slot] === BPF_FUNC_task_pt_regs) return true
    if (stack > 0 && (imm[slot] === stack || off[slot] === stack)) return true
  }
  return false
}
