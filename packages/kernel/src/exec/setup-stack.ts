/** The stack of the new program, with its strings. */
import { ENOMEM, PAGE_SIZE, TASK_SIZE } from '@lsmkit/abi'
import type { Machine } from '../machine.ts'
import { account, spaceOf } from '../state/mm/address-space.ts'
import type { ExecBinprm } from '../state/exec/binprm.ts'

/** Room below the strings that a stack starts with. */
const STACK_EXPAND = 131072

/** As `setup_arg_pages` and `create_elf_tables`: the stack as it will be, and where its parts lie. */
export const setup_stack = (machine: Machine, bprm: ExecBinprm): number => {
  const mm = spaceOf(machine.current.task.mm!)
  const vma = bprm.vma!
  const size = Math.min(bprm.rlim_stack.rlim_cur, vma.vm_end - vma.vm_start + STACK_EXPAND)
  const grow = Math.max(0, Math.floor(size / PAGE_SIZE) - (vma.vm_end - vma.vm_start) / PAGE_SIZE)
  if (grow !== 0) {
    if (machine.mms.enough(mm, grow) !== 0) return -ENOMEM
    vma.vm_start -= grow * PAGE_SIZE
    account(mm, vma.vm_flags, grow)
  }
  mm.argv = bprm.argv
  mm.envp = bprm.envp
  const bytes = (list: readonly string[]): number =>
    new TextEncoder().encode(list.join('\0')).length + (list.length === 0 ? 0 : 1)
  mm.env_end = TASK_SIZE - 8 - bytes([bprm.filename])
  mm.env_start = mm.arg_end = mm.env_end - bytes(bprm.envp)
  mm.arg_start = mm.arg_end - bytes(bprm.argv)
  mm.start_stack = Math.floor((mm.arg_start - 1024) / 16) * 16
  return 0
}
