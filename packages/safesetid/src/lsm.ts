/** The LSM record: four hooks, no state on objects, two policies. */
import { LSM_ID_SAFESETID } from '@lsmkit/abi'
import { defineLsm } from '@lsmkit/core'
import type { Lsm } from '@lsmkit/core'
import { aFunction, checkOptions } from '@lsmkit/core/option-rules'
import type { OptionRule, OptionRules } from '@lsmkit/core/option-rules'
import { setidHooks } from './hooks.ts'
import { parsePolicy } from './parse.ts'
import { safesetidFs } from './securityfs.ts'
import { noPolicy, readPolicy } from './state.ts'
import type { Policy, SafeSetId } from './state.ts'

export interface SafeSetIdOptions {
  /** A policy to boot with, as the file takes it: `1000:1001\n`. None unless given, as in the kernel. */
  readonly uidPolicy?: string
  readonly gidPolicy?: string
  /** Takes the lines that the kernel logs; the audit record of a refusal has the same data. */
  readonly printk?: (line: string) => void
}

const aPolicy: OptionRule = {
  is: (value) => typeof value === 'string' && typeof parsePolicy(value) !== 'number',
  what: 'a policy',
  hint: 'lines `SRC:DST`, each with a newline, none twice',
}
const rules: OptionRules<SafeSetIdOptions> = { uidPolicy: aPolicy, gidPolicy: aPolicy, printk: aFunction }

/** A fresh SafeSetID for one stack. Throws OptionError for a policy that the kernel would not take. */
export const safesetid = (options: SafeSetIdOptions = {}): Lsm<'safesetid'> => {
  checkOptions(options, rules, 'safesetid')
  const { uidPolicy, gidPolicy, printk = () => {} } = options
  let state: SafeSetId
  return defineLsm({
    name: 'safesetid',
    abi: '1.0',
    package: '@lsmkit/safesetid',
    id: LSM_ID_SAFESETID,
    hooks: (ctx) => {
      state = { ctx, printk, uid: noPolicy, gid: noPolicy }
      // checked already: both are policies
      if (uidPolicy !== undefined) state.uid = readPolicy(state, 'uid', uidPolicy) as Policy
      if (gidPolicy !== undefined) state.gid = readPolicy(state, 'gid', gidPolicy) as Policy
      return setidHooks(state)
    },
    pseudoFs: () => [safesetidFs(state)],
  })
}
