/** Why a kernel could not boot. */
import { errnoName, sentence } from '@lsmkit/abi'

/** An LSM, or a wrong option, kept the kernel from what it cannot do without. */
export class BootError extends Error {
  readonly rc: number

  constructor(rc: number, what: string) {
    super(sentence`the kernel could not boot: ${what}: ${errnoName(-rc)}`)
    this.name = 'BootError'
    this.rc = rc
  }
}
