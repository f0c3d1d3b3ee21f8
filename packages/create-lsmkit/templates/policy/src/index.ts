/** my-lsm: who may open files of which file systems. The policy is a text that root may replace at run time. */
import { EACCES } from '@lsmkit/abi'
import { defineBlob, defineLsm } from '@lsmkit/core'
import type { Cred, Lsm } from '@lsmkit/core'
import { aString, checkOptions, required } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import { fileSystemsOf, parsePolicy } from './policy.ts'
import type { Policy } from './policy.ts'
import { policyFs } from './policy-file.ts'

export { PolicyError } from './policy.ts'

export interface MyLsmOptions {
  /** The text of a policy, as `@scope/my-lsm/default.policy` has one. */
  readonly policy: string
}

interface Known {
  policy: Policy | null
  uid: number
  allowed: ReadonlySet<string> | null
}

const rules: OptionRules<MyLsmOptions> = { policy: required(aString) }

/** A fresh instance, for one stack. Throws PolicyError, and OptionError for an option that it does not have. */
export const myLsm = (options: MyLsmOptions): Lsm<'my-lsm'> => {
  checkOptions(options, rules, 'myLsm')
  const held = { policy: parsePolicy(options.policy) }
  // What the policy says of a user is looked up once, and again when the policy has been replaced.
  const known = defineBlob((_cred: Cred): Known => ({ policy: null, uid: -1, allowed: null }))

  return defineLsm({
    name: 'my-lsm',
    abi: '1.0',
    package: '@scope/my-lsm',
    blobs: { cred: known },
    hooks: ({ current, audit }) => ({
      // Called for every open(2), after the mode bits have agreed. 0 is yes, -errno is no.
      file_open(file) {
        const { cred } = current.task
        const mine = known(cred)
        if (mine.policy !== held.policy || mine.uid !== cred.euid) {
          Object.assign(mine, { policy: held.policy, uid: cred.euid, allowed: fileSystemsOf(held.policy, cred.euid) })
        }
        const fs = file.f_inode.i_sb.s_type.name
        if (mine.allowed === null || mine.allowed.has(fs)) return 0
        return audit.deny(-EACCES, `no rule lets uid ${cred.euid} open files of ${fs}`)
      },
    }),
    pseudoFs: (ctx) => [policyFs('my-lsm', held, ctx)],
  })
}
