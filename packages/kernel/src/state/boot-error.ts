/** Why a kernel could not boot. */
import { errnoName, sentence } from '@lsmkit/abi'

/** The kernel cannot boot: an LSM refused something essential, or an option is wrong. */
export class BootError extends Error {
  readonly rc: number

  constructor(rc: number, what: string) {
    super(sentence`the kernel could not boot: ${what}: ${errnoName(-rc)}`)
    this.name = 'BootError'
    this.rc = rc
  }
}
