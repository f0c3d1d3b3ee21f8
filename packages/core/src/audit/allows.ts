/** On request: a record of what was allowed. An observer around each hook asked for; nobody else pays. */
import type { Dispatch } from '../dispatch/create-dispatch.ts'
import type { AnyHookDef } from '../hooks/hook-types.ts'
import type { Recorder } from './recorder.ts'

/** `chosen`: these hooks, or with `true` each that answers. Refusals are already recorded as denials. */
export const recordAllows = (
  dispatch: Dispatch<object>, recorder: Recorder, hooks: Readonly<Record<string, AnyHookDef>>,
  chosen: true | readonly string[],
): void => {
  for (const hook of chosen === true ? Object.keys(hooks) : chosen) {
    if (hooks[hook]!.ret === 'void') continue
    dispatch.observe(hook, {
      exit: (...args: unknown[]) => {
        const rc = args.pop() as number
        if (rc >= 0) recorder.onAllow(hook, rc, args)
      },
    })
  }
}
