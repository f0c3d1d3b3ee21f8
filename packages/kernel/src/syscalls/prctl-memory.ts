/** Options of prctl(2) for memory (kernel/sys.c). Mappings have no names, as in Debian's kernel. */
import {
  EFAULT, EINVAL, EPERM, PR_GET_AUXV, PR_GET_MDWE, PR_GET_MEMORY_MERGE, PR_GET_THP_DISABLE, PR_MDWE_NO_INHERIT,
  PR_MDWE_REFUSE_EXEC_GAIN, PR_SET_MDWE, PR_SET_MEMORY_MERGE, PR_SET_MM, PR_SET_THP_DISABLE,
} from '@lsmkit/abi'
import { AUXV_BYTES, savedAuxv } from '../mm/auxv.ts'
import { spaceOf } from '../state/mm/address-space.ts'
import { prctlSetMm } from './prctl-mm.ts'
import { put } from './prctl-option.ts'
import type { Option } from './prctl-option.ts'

/** An option without arguments. */
const asks = (answer: Option): Option => (machine, task, a, b, c, d, raw) =>
  a !== 0 || b !== 0 || c !== 0 || d !== 0 ? -EINVAL : answer(machine, task, a, b, c, d, raw)
/** An option with one argument. */
const sets = (set: Option): Option => (machine, task, a, b, c, d, raw) =>
  b !== 0 || c !== 0 || d !== 0 ? -EINVAL : set(machine, task, a, b, c, d, raw)

/** Once memory that is writable and executable is denied, it stays denied. */
const setMdwe: Option = (_machine, task, bits) => {
  if (bits & ~(PR_MDWE_REFUSE_EXEC_GAIN | PR_MDWE_NO_INHERIT)) return -EINVAL
  if (bits & PR_MDWE_NO_INHERIT && !(bits & PR_MDWE_REFUSE_EXEC_GAIN)) return -EINVAL
  const mm = spaceOf(task.mm!)
  if (mm.mdwe !== 0 && mm.mdwe !== bits) return -EPERM
  mm.mdwe = bits
  return 0
}

export const memoryOptions: Readonly<Record<number, Option>> = {
  [PR_SET_MM]: prctlSetMm,
  [PR_SET_THP_DISABLE]: sets((_machine, task, on) => {
    spaceOf(task.mm!).thpDisabled = on !== 0
    return 0
  }),
  [PR_GET_THP_DISABLE]: asks((_machine, task) => (spaceOf(task.mm!).thpDisabled ? 1 : 0)),
  [PR_SET_MEMORY_MERGE]: sets((_machine, task, on) => {
    spaceOf(task.mm!).mergeAny = on !== 0
    return 0
  }),
  [PR_GET_MEMORY_MERGE]: asks((_machine, task) => (spaceOf(task.mm!).mergeAny ? 1 : 0)),
  [PR_SET_MDWE]: sets(setMdwe),
  [PR_GET_MDWE]: asks((_machine, task) => spaceOf(task.mm!).mdwe),
  [PR_GET_AUXV]: (_machine, task, _2, size, arg4, arg5, raw) => {
    if (arg4 !== 0 || arg5 !== 0) return -EINVAL
    if (size < 0) return -EFAULT
    const rc = size === 0 ? 0 : put(raw[0], savedAuxv(spaceOf(task.mm!).auxv).slice(0, size))
    return rc !== 0 ? rc : AUXV_BYTES
  },
}
