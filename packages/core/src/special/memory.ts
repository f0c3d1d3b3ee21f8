/** Memory: what may be had, and what is mapped as what. */
import { EIO, FMODE_BACKING, MNT_NOEXEC, PROT_EXEC, PROT_READ, READ_IMPLIES_EXEC, SB_I_NOEXEC } from '@lsmkit/abi'
import { FRAMEWORK } from '../dispatch/range.ts'
import type { Current } from '../current.ts'
import type { File, Mm, Path, Vma } from '../objects/index.ts'
import { busy } from './shape.ts'
import type { Shape } from './shape.ts'

/** LSMs cannot deny memory, only the administrator's reserve of it: a negative answer withdraws that. */
const vm_enough_memory: Shape = {
  walk: (members, { env: { caps } }) => (mm: Mm, pages: number): number => {
    let cap_sys_admin = 1
    for (const { fn } of members()) {
      if (fn(mm, pages) < 0) {
        cap_sys_admin = 0
        break
      }
    }
    return caps.vm_enough_memory(mm, pages, cap_sys_admin)
  },
  idle: busy,
}

/** As `path_noexec`. */
const isNoexec = ({ mnt }: Path): boolean =>
  (mnt.mnt_flags & MNT_NOEXEC) !== 0 || (mnt.mnt_sb.s_iflags & SB_I_NOEXEC) !== 0

/** What a mapping asked for as `prot` comes to, as `mmap_prot`: old programs mean "executable" by "readable". */
const effectiveProt = (current: Current, file: File | null, prot: number): number => {
  if ((prot & (PROT_READ | PROT_EXEC)) !== PROT_READ) return prot
  if ((current.task.personality & READ_IMPLIES_EXEC) === 0) return prot
  return file === null || !isNoexec(file.f_path) ? prot | PROT_EXEC : prot
}

/** `security_mmap_file` takes the protection asked for and adds the one that will be. */
const mmap_file: Shape = {
  frame: ({ env: { current } }) => (chain) =>
    function (this: unknown, file: File | null, prot: number, flags: number): number {
      return chain.call(this, file, prot, effectiveProt(current, file, prot), flags) as number
    },
}

/** Only files that stand behind another one; anything else is a caller's mistake (WARN_ON_ONCE). */
const mmap_backing_file: Shape = {
  gate: {
    fn: (_vma: Vma, backing_file: File) => (backing_file.f_mode & FMODE_BACKING) - FMODE_BACKING,
    verdict: ({ name, reporter }, args) => {
      reporter.warn(name, FRAMEWORK, new TypeError('the file is not a backing file'), 'caller', args)
      return -EIO
    },
    always: true,
  },
  idle: busy,
}

export const memoryShapes: Readonly<Record<string, Shape>> = { vm_enough_memory, mmap_file, mmap_backing_file }
