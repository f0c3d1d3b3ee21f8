/** The second argument of prctl, which is a number for most options and a pointer for some. */
import {
  PR_GET_CHILD_SUBREAPER, PR_GET_NAME, PR_GET_PDEATHSIG, PR_SET_NAME, TASK_COMM_LEN,
} from '@lsmkit/abi'
import type { Kind } from './argument.ts'
import { refU32, text, uint } from './argument.ts'

/** The name of the task, padded with NULs to its 16 bytes. */
const commOut: Kind = (memory, args, at) => {
  const address = (args[at] as number) >>> 0
  if (!memory.has(address, TASK_COMM_LEN)) return null
  const value = { value: '' }
  const writeBack = (): void => {
    memory.bytes.fill(0, address, address + TASK_COMM_LEN)
    new TextEncoder().encodeInto(value.value, memory.bytes.subarray(address, address + TASK_COMM_LEN - 1))
  }
  return { value, writeBack }
}

export const prctlArg2: Kind = (memory, args, at) => {
  switch (args[0]) {
    case PR_SET_NAME: return text(memory, args, at)
    case PR_GET_NAME: return commOut(memory, args, at)
    case PR_GET_PDEATHSIG: case PR_GET_CHILD_SUBREAPER: return refU32(memory, args, at)
    default: return uint(memory, args, at)
  }
}
