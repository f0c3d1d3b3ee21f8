/** On request: a record of what was allowed. An observer around each hook asked for; nobody else pays. */
import type { Dispatch } from '../dispatch/create-dispatch.ts'
import { hookDefs, hookNames } from '../hooks/hook-defs.ts'
import type { HookName } from '../hooks/hook-defs.ts'
import type { Recorder } from './recorder.ts'

/** `hooks`: these, or with `true` every hook that answers. What was refused is recorded as a denial already. */
export const recordAllows = (dispatch: Dispatch, recorder: Recorder, hooks: true | readonly HookName[]): void => {
  for (const hook of hooks === true ? hookNames : hooks) {
    if (hookDefs[hook].ret === 'void') continue
    dispatch.observe(hook, {
      exit: (...args: unknown[]) => {
        const rc = args.pop() as number
        if (rc >= 0) recorder.onAllow(hook, rc, args)
      },
    })
  }
}
