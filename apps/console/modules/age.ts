/** age: nobody executes a program that was written in the last minute. `now` is the kernel's clock. */
import { EACCES } from '@lsmkit/abi'
import { defineLsm } from '@lsmkit/core'

/** Seconds. */
const YOUNG = 60

export const age = () =>
  defineLsm({
    name: 'age',
    abi: '1.0',
    hooks: ({ audit, now }) => ({
      // Asked by execve(2), before the program is loaded.
      bprm_check_security(bprm) {
        const seconds = now() / 1000 - Number(bprm.file.f_inode.i_mtime_sec)
        return seconds >= YOUNG ? 0 : audit.deny(-EACCES, `it was written ${Math.round(seconds)} s ago`)
      },
    }),
  })
