/** Scenario files in the tab: checked while they are written, and run on a kernel of their own. */
import { capability } from '@lsmkit/capability'
import { landlock } from '@lsmkit/landlock'
import { loadpin } from '@lsmkit/loadpin'
import { lockdown } from '@lsmkit/lockdown'
import { safesetid } from '@lsmkit/safesetid'
import { smack } from '@lsmkit/smack'
import { parseScenario, runScenario, ScenarioError } from '@lsmkit/testkit/scenario'
import type { LsmFactories } from '@lsmkit/testkit/scenario'
import { warden } from '@lsmkit-examples/own-lsm'
import { yama } from '@lsmkit/yama'
import type { ScenarioFault, ScenarioReport } from './protocol.ts'

const factories: LsmFactories = { capability, landlock, loadpin, lockdown, safesetid, smack, warden, yama }

const NAME = 'scenario'

/** From 1; 1 for a place without one. */
const lineOf = (place: string | null): number => Number(/:(\d+)/.exec(place ?? '')?.[1] ?? 1)

const faultOf = (error: unknown): ScenarioFault => {
  if (!(error instanceof ScenarioError)) throw error
  return { ok: false, message: error.summary, hint: error.hint, line: lineOf(error.place) }
}

export const checkScenario = (text: string): ScenarioFault | null => {
  try {
    parseScenario(text, NAME)
    return null
  } catch (error) {
    return faultOf(error)
  }
}

export const playScenario = (text: string): ScenarioReport => {
  try {
    const { title, lsms, steps, differences } = runScenario(parseScenario(text, NAME), factories)
    return {
      ok: true,
      title,
      lsms,
      steps: steps.map(({ place, as, call, result, by, hook, audit }, index) => ({
        line: lineOf(place),
        as,
        call,
        result,
        by: by === null || hook === null ? null : { lsm: by, hook },
        audit,
        differences: differences
          .filter(({ step }) => step === index)
          .map(({ field, expected, got }) => `${field}: expected ${expected}, got ${got}`),
      })),
    }
  } catch (error) {
    return faultOf(error)
  }
}
