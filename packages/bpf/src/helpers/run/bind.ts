/** A line of a table of helpers as programs call it. */
import { bpfHelperName } from '@lsmkit/abi'
import type { Helper } from '../../vm/executable.ts'
import type { HelperEnv, HelperLine } from './helper-env.ts'

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
