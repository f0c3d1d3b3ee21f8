/** PR_SET_MM: where a process says its parts lie, for checkpoint and restore (kernel/sys.c). */
import {
  CAP_SYS_RESOURCE, EACCES, EBADF, EBUSY, EFAULT, EINVAL, EPERM, MAY_EXEC, PR_SET_MM_ARG_END, PR_SET_MM_ARG_START,
  PR_SET_MM_AUXV, PR_SET_MM_BRK, PR_SET_MM_END_CODE, PR_SET_MM_END_DATA, PR_SET_MM_ENV_END, PR_SET_MM_ENV_START,
  PR_SET_MM_EXE_FILE, PR_SET_MM_MAP, PR_SET_MM_MAP_SIZE, PR_SET_MM_START_BRK, PR_SET_MM_START_CODE,
  PR_SET_MM_START_DATA, PR_SET_MM_START_STACK, S_IFMT, S_IFREG, TASK_SIZE,
} from '@lsmkit/abi'
import { capable } from '@lsmkit/core'
import type { KeyMap, Task } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { find_vma, spaceOf } from '../mm/address-space.ts'
import type { AddressSpace } from '../mm/address-space.ts'
import { fget } from '../vfs/fdtable.ts'
import { path_noexec } from '../vfs/mount.ts'

type Place =
  | 'start_code'
  | 'end_code'
  | 'start_data'
  | 'end_data'
  | 'start_stack'
  | 'start_brk'
  | 'brk'
  | 'arg_start'
  | 'arg_end'
  | 'env_start'
  | 'env_end'

const PLACES: Readonly<Record<number, Place>> = {
  [PR_SET_MM_START_CODE]: 'start_code',
  [PR_SET_MM_END_CODE]: 'end_code',
  [PR_SET_MM_START_DATA]: 'start_data',
  [PR_SET_MM_END_DATA]: 'end_data',
  [PR_SET_MM_START_STACK]: 'start_stack',
  [PR_SET_MM_START_BRK]: 'start_brk',
  [PR_SET_MM_BRK]: 'brk',
  [PR_SET_MM_ARG_START]: 'arg_start',
  [PR_SET_MM_ARG_END]: 'arg_end',
  [PR_SET_MM_ENV_START]: 'env_start',
  [PR_SET_MM_ENV_END]: 'env_end',
}
/** These must lie in something that is mapped. */
const MAPPED: readonly Place[] = ['start_stack', 'arg_start', 'arg_end', 'env_start', 'env_end']

export const prctlSetMm = (lsm: KeyMap, machine: Machine) => {
  const { current, sysctl } = machine

  /** As `validate_prctl_map_addr`. */
  const isOrdered = (mm: AddressSpace, changed: Place, addr: number): boolean => {
    const at = (place: Place): number => (place === changed ? addr : mm[place])
    const inRange = (Object.values(PLACES) as Place[]).every((p) => at(p) >= sysctl.mmap_min_addr && at(p) < TASK_SIZE)
    return (
      inRange && at('start_code') < at('end_code') && at('start_data') <= at('end_data') &&
      at('start_brk') <= at('brk') && at('arg_start') <= at('arg_end') && at('env_start') <= at('env_end')
    )
  }

  const setExeFile = (task: Task, fd: number): number => {
    const file = fget(task, fd)
    if (file === null) return -EBADF
    if ((file.f_inode.i_mode & S_IFMT) !== S_IFREG || path_noexec(file.f_path)) return -EACCES
    const rc = machine.vfs.inode_permission(file.f_path.mnt.mnt_idmap, file.f_inode, MAY_EXEC)
    if (rc !== 0) return rc
    const mm = spaceOf(task.mm!)
    // as long as anything of the old program is mapped, it stays
    if (mm.exe_file !== null && mm.vmas.some((vma) => vma.vm_file?.f_inode === mm.exe_file!.f_inode)) return -EBUSY
    if (file.f_inode.i_writecount > 0) return -EACCES
    machine.mms.putExe(mm)
    machine.mms.setExe(mm, file)
    return 0
  }

  return (task: Task, what: number, addr: number, arg4: number, arg5: number): number => {
    const takesSize = what === PR_SET_MM_AUXV || what === PR_SET_MM_MAP || what === PR_SET_MM_MAP_SIZE
    if (arg5 !== 0 || (arg4 !== 0 && !takesSize)) return -EINVAL
    // the whole struct prctl_mm_map, and an auxiliary vector, would have to come from the program's memory
    if (what === PR_SET_MM_MAP || what === PR_SET_MM_MAP_SIZE) return -EFAULT
    if (!capable(lsm, current, CAP_SYS_RESOURCE)) return -EPERM
    if (what === PR_SET_MM_EXE_FILE) return setExeFile(task, addr)
    if (what === PR_SET_MM_AUXV) return -EFAULT
    if (addr >= TASK_SIZE || addr < sysctl.mmap_min_addr) return -EINVAL
    const place = Object.hasOwn(PLACES, what) ? PLACES[what] : undefined
    if (place === undefined) return -EINVAL
    const mm = spaceOf(task.mm!)
    if (!isOrdered(mm, place, addr)) return -EINVAL
    if (MAPPED.includes(place) && find_vma(mm, addr) === null) return -EFAULT
    mm[place] = addr
    return 0
  }
}
