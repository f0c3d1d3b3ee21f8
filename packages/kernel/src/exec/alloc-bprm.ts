/** The beginning and the end of a `struct linux_binprm`. */
import {
  AT_FDCWD, ENOMEM, PAGE_SIZE, TASK_SIZE, VM_ACCOUNT, VM_GROWSDOWN, VM_MAYEXEC, VM_MAYREAD, VM_MAYWRITE, VM_READ,
  VM_WRITE,
} from '@lsmkit/abi'
import type { Machine } from '../machine.ts'
import { account, AddressSpace, inheritFlags, insertVma, spaceOf } from '../state/mm/address-space.ts'
import { fdTable } from '../state/vfs/fdtable.ts'
import { ExecBinprm } from '../state/exec/binprm.ts'
import { closeExec, do_open_execat } from './open-exec.ts'

/** As `alloc_bprm`: the program is open and has an empty address space with one page of stack. */
export const alloc_bprm = (machine: Machine, dfd: number, name: string, flags: number): ExecBinprm | number => {
  const file = do_open_execat(machine, dfd, name, flags)
  if (typeof file === 'number') return file
  const me = machine.current.task
  const plain = dfd === AT_FDCWD || name.startsWith('/')
  const filename = plain ? name : name === '' ? `/dev/fd/${dfd}` : `/dev/fd/${dfd}/${name}`
  const closes = !plain && fdTable(me).close_on_exec[dfd] === true
  const bprm = new ExecBinprm(me, file, filename, !plain && name === '', closes)
  const mm = new AddressSpace(machine.account, me.cred.user_ns)
  if (me.mm !== null) inheritFlags(mm, spaceOf(me.mm))
  if (machine.mms.enough(mm, 1) !== 0) {
    closeExec(machine, file)
    return -ENOMEM
  }
  const vm_flags = VM_READ | VM_WRITE | VM_GROWSDOWN | VM_ACCOUNT | VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC
  bprm.mm = mm
  bprm.vma = {
    vm_start: TASK_SIZE - PAGE_SIZE,
    vm_end: TASK_SIZE,
    vm_flags,
    vm_pgoff: 0,
    vm_file: null,
    vm_mm: mm,
    anon_vma: true,
  }
  insertVma(mm, bprm.vma)
  account(mm, vm_flags, 1)
  return bprm
}

export const free_bprm = (machine: Machine, bprm: ExecBinprm): void => {
  if (bprm.mm !== null) machine.mms.mmput(bprm.mm)
  if (bprm.cred !== null) machine.creds.abort_creds(bprm.cred)
  closeExec(machine, bprm.file)
}
