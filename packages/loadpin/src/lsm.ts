/** The LSM record: three hooks, no state on objects, one file system that is pinned. */
import { LSM_ID_LOADPIN } from '@lsmkit/abi'
import { defineLsm } from '@lsmkit/core'
import type { Lsm } from '@lsmkit/core'
import { aBoolean, aFunction, checkOptions, listOf, nameOf } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import { bootSettings, kinds } from './boot.ts'
import { loadHooks } from './check.ts'
import { loadpinFs } from './digests.ts'
import type { LoadPin } from './state.ts'
import { loadpinSysctl } from './sysctl.ts'

export interface LoadPinOptions {
  /** CONFIG_SECURITY_LOADPIN_ENFORCE: refuses from the start. Off unless true: loads from elsewhere are logged. */
  readonly enforce?: boolean
  /** Kinds of files that are not looked at, beside those of `loadpin.exclude=`: `kernel-module`, `firmware`. */
  readonly exclude?: readonly string[]
  /** Takes the lines that the kernel logs; the audit record of a refusal has the same data. */
  readonly printk?: (line: string) => void
}

const rules: OptionRules<LoadPinOptions> = {
  enforce: aBoolean, exclude: listOf(nameOf([...kinds.keys()], 'kind of file')), printk: aFunction,
}

/** A fresh LoadPin for one stack. Throws OptionError for a kind of file that there is not. */
export const loadpin = (options: LoadPinOptions = {}): Lsm<'loadpin'> => {
  checkOptions(options, rules, 'loadpin')
  const { enforce = false, exclude = [], printk = () => {} } = options
  let state: LoadPin
  return defineLsm({
    name: 'loadpin',
    abi: '1.0',
    package: '@lsmkit/loadpin',
    id: LSM_ID_LOADPIN,
    hooks: (ctx) => {
      state = {
        ctx, printk, enforce: 0, excluded: new Set(), pinned: null, mayRelax: false, trusted: new Set(),
        refusesDigests: false,
      }
      return loadHooks(state)
    },
    init: () => bootSettings(state, enforce, exclude),
    pseudoFs: () => [loadpinSysctl(state), loadpinFs(state)],
  })
}
