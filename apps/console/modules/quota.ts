/** quota: each user may make three files. Root may make as many as it likes. */
import { EDQUOT } from '@lsmkit/abi'
import { defineLsm } from '@lsmkit/core'
import { checkOptions, wholeNumber } from '@lsmkit/core/option-rules'

export interface QuotaOptions {
  /** Files that a user may make; 3 unless given. */
  readonly files?: number
}

export const quota = (options: QuotaOptions = {}) => {
  checkOptions(options, { files: wholeNumber(0) }, 'quota')
  const { files = 3 } = options
  const made = new Map<number, number>()
  return defineLsm({
    name: 'quota',
    abi: '1.0',
    hooks: ({ current, audit }) => ({
      inode_create() {
        const { euid } = current.task.cred
        const count = made.get(euid) ?? 0
        if (euid !== 0 && count >= files) return audit.deny(-EDQUOT, `uid ${euid} has made ${count} files already`)
        made.set(euid, count + 1)
        return 0
      },
    }),
  })
}
