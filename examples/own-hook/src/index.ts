/**
 * A host that lets an agent call tools, and asks its modules about each call: on hooks of its own, beside the kernel's.
 */
import { EACCES } from '@lsmkit/abi'
import { defineLsm, int, nil } from '@lsmkit/core'
import type { LsmTable, OwnKeyMap } from '@lsmkit/core'

/** The host's table: two lines written like those of the kernel's own. */
export const agentHooks = {
  tool_call: int<[tool: string, input: object]>('const char *tool, void *input', { category: 'agent' }),
  tool_done: nil<[tool: string, milliseconds: number]>('const char *tool, int milliseconds', { category: 'agent' }),
}

declare module '@lsmkit/core' {
  interface OwnHooks {
    /** An agent is about to call a tool. 0 runs it, -errno refuses. */
    tool_call: typeof agentHooks.tool_call
    /** A tool has answered, after so many milliseconds. */
    tool_done: typeof agentHooks.tool_done
  }
}

/** A module on them: only tools that are named may be called, and each only so often. */
export const toolGuard = (allowed: Readonly<Record<string, number>>) => {
  const left = new Map(Object.entries(allowed))
  return defineLsm({
    name: 'tool-guard',
    abi: '1.0',
    ownHooks: agentHooks,
    hooks: ({ audit }) => ({
      tool_call(tool) {
        const calls = left.get(tool) ?? 0
        if (calls === 0) return audit.deny(-EACCES, left.has(tool) ? 'called often enough' : 'not a tool for agents')
        left.set(tool, calls - 1)
        return 0
      },
    }),
  })
}

/** The host's code for each call: 0 or the errno of the refusal. Take the table as a parameter. */
export const callTool = (lsm: LsmTable & OwnKeyMap, tool: string, input: object, run: () => void): number => {
  const rc = lsm.tool_call.ask(tool, input)
  if (rc !== 0) return rc
  const start = performance.now()
  run()
  lsm.tool_done.tell(tool, Math.round(performance.now() - start))
  return 0
}
