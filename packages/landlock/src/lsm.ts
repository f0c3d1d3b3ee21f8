/** The LSM record, its hooks by kind of object, and the engine of the three system calls. */
import { LSM_ID_LANDLOCK } from '@lsmkit/abi'
import { bindHooks, defineLsm, kernelRules } from '@lsmkit/core'
import type { HookTable, LandlockEngine, Lsm } from '@lsmkit/core'
import { aBoolean, aFunction, checkOptions, objectWith, oneOf } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import { besideLandlock } from './beside.ts'
import { defineBlobs } from './blobs.ts'
import { DomainIds } from './domain-log.ts'
import { Engine, guardsWhiteouts } from './engine.ts'
import { credHooks, execHooks } from './hooks/cred.ts'
import { fileHooks } from './hooks/file.ts'
import { mountHooks } from './hooks/mount.ts'
import { netHooks } from './hooks/net.ts'
import { pathHooks } from './hooks/path.ts'
import { taskHooks } from './hooks/task.ts'
import { Places } from './places.ts'
import { abis, newestWithin } from './rights.ts'
import type { LandlockAbi } from './rights.ts'
import { unixHooks } from './resolve-unix.ts'
import type { Landlock } from './state.ts'
import type { GrantWatch } from './watch.ts'

export interface LandlockOptions {
  /** Version of the interface. By the stack's profile unless given: 6 for 6.12, 7 for 6.18, 11 for 7.3. */
  readonly abi?: LandlockAbi
  /** Whether directories keep what was decided, so that an open is not a walk. On unless false; it decides nothing. */
  readonly remembers?: boolean
  /** Notified of rules and their grants: a `LandlockCoverage` of `@lsmkit/landlock/coverage`. */
  readonly watch?: GrantWatch
  /** Takes the line that the kernel logs when Landlock comes up. */
  readonly printk?: (line: string) => void
}

const rules: OptionRules<LandlockOptions> = {
  abi: oneOf(...abis), remembers: aBoolean, watch: objectWith('grantedPath', 'a LandlockCoverage'), printk: aFunction,
}

export interface LandlockLsm extends Lsm<'landlock'> {
  /** The engine behind a kernel's system calls: `bootKernel({ stack, landlock: lsm.engine })`. */
  readonly engine: LandlockEngine
}

/** Each is about one kind of object, or one subject. */
const groups: readonly HookTable<Landlock>[] = [
  credHooks, taskHooks, netHooks, mountHooks, pathHooks, fileHooks,
]

/** A fresh Landlock for one stack and one kernel. Throws OptionError. */
export const landlock = (options: LandlockOptions = {}): LandlockLsm => {
  checkOptions(options, rules, 'landlock')
  const { remembers = true, watch = null, printk = () => {} } = options
  const blobs = defineBlobs()
  const engine = new Engine(remembers)
  const lsm = defineLsm({
    name: 'landlock',
    abi: '1.0',
    package: '@lsmkit/landlock',
    id: LSM_ID_LANDLOCK,
    blobs,
    hooks: (ctx) => {
      const abi = options.abi ?? newestWithin(kernelRules(ctx.profile).landlockAbi)
      const places = new Places(blobs.inode, null)
      const state = {
        ctx, blobs, abi, guardsWhiteouts: guardsWhiteouts(ctx.profile), ids: new DomainIds(), host: null, named: null,
        places, watch,
      }
      engine.state = state
      const later = [...(abi < 7 ? [] : [execHooks]), ...(abi < 9 ? [] : [unixHooks])]
      return [...groups, ...later].map((group) => bindHooks(state, group))
    },
    init: () => printk('landlock: Up and running.'),
    beside: (given) => {
      const { engine: other, ...module } = landlock({ abi: engine.abi, remembers })
      return besideLandlock(() => engine.state?.host ?? null, given, { lsm: module, engine: other as Engine })
    },
  })
  return Object.freeze({ ...lsm, engine })
}
