/** The helpers that run here, by number. What the verifier lets through and this table lacks is refused at load. */
import { bpfHelperName } from '@lsmkit/abi'
import type { Helper } from '../../vm/executable.ts'
import { callbackHelpers } from './callback-helpers.ts'
import { dynptrHelpers } from './dynptr.ts'
import type { HelperEnv, HelperLine } from './helper-env.ts'
import { mapHelpers } from './map-helpers.ts'
import { objectHelpers } from './object-helpers.ts'
import { outputHelpers } from './output-helpers.ts'
import { packetHelpers } from './packet-helpers.ts'
import { probeHelpers } from './probe-helpers.ts'
import { taskHelpers } from './task-helpers.ts'
import { textHelpers } from './text-helpers.ts'

export type { Area, GroupHost, HelperEnv, HelperLine, ProgramHost, TaskFacts } from './helper-env.ts'

const lines: readonly HelperLine[] = [
  ...mapHelpers, ...probeHelpers, ...taskHelpers, ...textHelpers, ...outputHelpers, ...dynptrHelpers,
  ...callbackHelpers, ...objectHelpers, ...packetHelpers,
]

/** Helpers bound to a machine; made once, so that a call site's import is one function. */
export const helpersOf = (env: HelperEnv): ReadonlyMap<number, Helper> =>
  new Map(lines.map((line) => [line[0], bind(env, line)]))

/** One line, bound. */
export const bind = (
  env: HelperEnv, [id, args, result, call, callsBack]: HelperLine, name = bpfHelperName(id),
): Helper => ({
  name,
  args,
  result,
  call: withEnv(env, call, [...args].reduce((count, letter) => count + (letter === 'l' ? 2 : 1), 0)),
  ...(callsBack ? { callsBack } : {}),
})

/** Written out by count: a function of any number of arguments costs an array at each call. */
const withEnv = (env: HelperEnv, call: HelperLine[3], count: number): Helper['call'] => {
  switch (count) {
    case 0: return () => call(env)
    case 1: return (a) => call(env, a!)
    case 2: return (a, b) => call(env, a!, b!)
    case 3: return (a, b, c) => call(env, a!, b!, c!)
    case 4: return (a, b, c, d) => call(env, a!, b!, c!, d!)
    case 5: return (a, b, c, d, e) => call(env, a!, b!, c!, d!, e!)
    default: return (...words) => call(env, ...words)
  }
}
