/** Programs out of bytes: core modules and components. */
import { checkOptions } from '@lsmkit/core/option-rules'
import { Budget } from './budget.ts'
import { BuildTime } from './build-time.ts'
import { isComponent } from './component-program.ts'
import { buildComponent } from './component/component.ts'
import { defaultHost } from './host.ts'
import { limitNumbers, limitRules } from './limits.ts'
import type { Limits } from './limits.ts'
import { buildModule } from './program.ts'
import type { Program } from './program.ts'

/**
 * Compiles a module or a component with `memory`, `tables` and `loops` of the limits built in; the others are kept at
 * run time. Throws a ProgramError for bytes that are not a program, ask for more memory than they may have, or take
 * longer than `time` to compile. `waiting`: `workers` for one that will run in workers, whose memory has to be shared.
 */
export const compileProgram = (
  bytes: Uint8Array<ArrayBuffer>, limits: Limits = {}, waiting: 'suspended' | 'workers' = 'suspended',
): Program => {
  checkOptions(limits, limitRules, 'compileProgram')
  return buildProgram(bytes, limits, waiting === 'workers', new Budget(limitNumbers(limits), defaultHost))
}

/** `shared`: to be run in a worker. `budget`: of the guest that it is for. */
export const buildProgram = (
  bytes: Uint8Array<ArrayBuffer>, limits: Limits, shared: boolean, budget: Budget,
): Program => {
  const time = new BuildTime(budget)
  return isComponent(bytes) ? buildComponent(bytes, limits, shared, time) : buildModule(bytes, limits, shared, time)
}
