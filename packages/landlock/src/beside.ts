/** A second Landlock that a stack asks beside its own: every task of the stack is within one ruleset. */
import { ENOENT, errnoName, S_IFDIR, S_IFMT } from '@lsmkit/abi'
import type { BesideModule, LandlockHost, LandlockRuleset, Lsm } from '@lsmkit/core'
import { checkOptions } from '@lsmkit/core/option-rules'
import { CredState } from './blobs.ts'
import { LandlockError, planWithin, rulesetRules } from './builder.ts'
import type { RulesetOptions } from './builder.ts'
import type { Engine } from './engine.ts'
import { ACCESS_FILE } from './rights.ts'
import type { Landlock } from './state.ts'

/** An instance that is in no stack. */
interface Made {
  readonly lsm: Lsm
  readonly engine: Engine
}

const checked = (call: string, rc: number): void => {
  if (rc !== 0) throw new LandlockError('refused', `\`${call}\` answered ${errnoName(rc)}`, { place: 'beside' })
}

/** The ruleset on the engine; paths are looked up by the running task. */
const rulesetOf = (engine: Engine, options: RulesetOptions): LandlockRuleset | null => {
  const state = engine.state!
  const plan = planWithin(options, state.abi)
  if ((plan.fs | plan.net | plan.scope) === 0) return null
  const made = engine.create({ fs: BigInt(plan.fs), net: BigInt(plan.net), scoped: BigInt(plan.scope) })
  if (typeof made === 'number') throw new LandlockError('refused', `the ruleset is refused: ${errnoName(made)}`)
  try {
    for (const [name, rights] of plan.paths) addPath(engine, made, { name, rights: rights & plan.fs, options, state })
    for (const [port, granted] of plan.ports) {
      const rights = BigInt(granted & plan.net)
      if (rights !== 0n) checked(`port ${port}`, engine.addPort(made, rights, BigInt(port)))
    }
    return made
  } catch (error) {
    made.release()
    throw error
  }
}

interface PathRule {
  readonly name: string
  readonly rights: number
  readonly options: RulesetOptions
  readonly state: Landlock
}

const addPath = (
  engine: Engine, ruleset: LandlockRuleset, { name, rights, options, state }: PathRule,
): void => {
  if (rights === 0) return
  const path = state.ctx.host.kern_path?.(name) ?? -ENOENT
  if (path === -ENOENT && options.ignoreMissing === true) return
  if (typeof path === 'number') {
    throw new LandlockError('no-path', `\`${name}\` cannot be opened: ${errnoName(path)}`, { place: 'beside' })
  }
  const isDir = (path.dentry.d_inode!.i_mode & S_IFMT) === S_IFDIR
  const own = isDir ? rights : rights & ACCESS_FILE
  if (own !== 0) checked(name, engine.addPath(ruleset, BigInt(own), () => path))
}

/** Throws OptionError, and LandlockError when it begins. `host` is that of the kernel that has booted. */
export const besideLandlock = (
  host: () => LandlockHost | null, given: unknown, { lsm, engine }: Made,
): BesideModule => {
  checkOptions(given, rulesetRules, 'beside')
  const all = new CredState()
  return {
    lsm,
    seen: { cred: () => all },
    start: () => {
      const kernel = host()
      if (kernel === null) throw new LandlockError('refused', 'Landlock knows no files before a kernel has booted')
      engine.boot(kernel)
      const ruleset = rulesetOf(engine, given as RulesetOptions)
      if (ruleset === null) return () => {}
      checked('landlock_restrict_self', engine.restrict(ruleset, engine.state!.ctx.current.task.cred, 0))
      ruleset.release()
      return () => {
        all.domain?.put()
        all.domain = null
      }
    },
  }
}
