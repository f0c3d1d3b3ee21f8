/** The LSM record: four hooks, no state on objects, one setting. */
import { LSM_ID_YAMA } from '@lsmkit/abi'
import { defineLsm, printkRatelimited } from '@lsmkit/core'
import type { Lsm } from '@lsmkit/core'
import { aFunction, checkOptions, oneOf } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import { relationHooks } from './prctl.ts'
import { ptraceHooks } from './ptrace.ts'
import { Relations } from './relations.ts'
import { YAMA_SCOPE_RELATIONAL } from './scope.ts'
import type { PtraceScope, Yama } from './scope.ts'
import { yamaSysctl } from './sysctl.ts'

export interface YamaOptions {
  /** kernel.yama.ptrace_scope at boot: 1 unless given, as the kernel's own source has it; Debian's kernels say 0. */
  readonly ptraceScope?: PtraceScope
  /** Takes the lines that the kernel logs; the audit record of a refusal has the same data. */
  readonly printk?: (line: string) => void
  /** Milliseconds, for the rate limit of the log; the machine's clock unless given. */
  readonly now?: () => number
}

const rules: OptionRules<YamaOptions> = { ptraceScope: oneOf(0, 1, 2, 3), printk: aFunction, now: aFunction }

/** A fresh Yama for one stack. Throws OptionError for a scope that is not 0, 1, 2 or 3. */
export const yama = (options: YamaOptions = {}): Lsm<'yama'> => {
  checkOptions(options, rules, 'yama')
  const { ptraceScope = YAMA_SCOPE_RELATIONAL, printk = () => {}, now = Date.now } = options
  let state: Yama
  return defineLsm({
    name: 'yama',
    abi: '1.0',
    package: '@lsmkit/yama',
    id: LSM_ID_YAMA,
    hooks: (ctx) => {
      state = { ctx, relations: new Relations(), log: printkRatelimited(printk, now), scope: ptraceScope }
      return [ptraceHooks(state), relationHooks(state)]
    },
    init: () => printk('Yama: becoming mindful.'),
    pseudoFs: () => [yamaSysctl(state)],
  })
}
