/** The context that an LSM gets when its stack is built. It belongs to that stack: a module keeps none of it. */
import type { LsmAudit } from './audit/lsm-audit.ts'
import type { Current } from './current.ts'
import type { KeyMap } from './hooks/hook-defs.ts'
import type { OwnKeyMap } from './hooks/own-hooks.ts'
import type { Host } from './host.ts'
import type { Profile } from './kernel-rules.ts'
import type { BootParameter } from './order/command-line.ts'
import type { Objects } from './objects/factories.ts'

export interface LsmContext {
  /**
   * The stack's own table, for what the kernel asks through the framework in the middle of a hook: `ns_capable` and
   * `prepare_creds`. Take it where the hooks are made (`hooks: ({ lsm }) => …`) and ask it inside a hook: before the
   * stack is built, reading a hook of it throws ComposeError `too-early`.
   */
  readonly lsm: KeyMap & OwnKeyMap
  /** The running task: `ctx.current.task.cred`. While the stack is built it is the idle task with `init_cred`. */
  readonly current: Current
  /** The kernel's CLOCK_REALTIME in milliseconds since 1970: the clock that gives files their times. */
  readonly now: () => number
  /** The kernel release whose rules hold; `kernelRules(profile)` has them. */
  readonly profile: Profile
  /** The LSM's own id, as lsm_list_modules(2) reports it. */
  readonly lsmid: number
  /** The stack's boot arguments, cut as the kernel cuts them: an LSM may have parameters of its own. */
  readonly bootParameters: readonly BootParameter[]
  /** Records of the LSM's own and the reasons of its denials. */
  readonly audit: LsmAudit
  /** Factories of kernel objects. */
  readonly objects: Objects
  /** The kernel's services for its modules; answers like an empty machine until a kernel has booted. */
  readonly host: Host
}
