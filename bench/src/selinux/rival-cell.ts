/** A rival: a process that measures itself, a pass a line. */
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Cell } from '../harness/cell.ts'
import { dataPath } from './data.ts'

export interface RivalArgs {
  /** One that was built, by name, or another, by its path. */
  readonly program: string
  readonly args: readonly string[]
  /** Passes of which the fastest counts. */
  readonly bestOf?: number
}

export const cell = async ({ program, args, bestOf = 1 }: RivalArgs): Promise<Cell> => {
  const child = spawn(
    program.startsWith('/') ? program : dataPath(program), args, { stdio: ['pipe', 'pipe', 'inherit'] },
  )
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  const line = async (): Promise<string> => {
    const { value, done } = await lines.next()
    if (done === true) throw new Error(`${program} ${args.join(' ')} ended`)
    return value
  }
  const ask = (question: string): Promise<string> => {
    child.stdin.write(`${question}\n`)
    return line()
  }
  if ((await line()) !== 'ready') throw new Error(`${program} did not start`)
  return {
    pass: async () => {
      let best = Infinity
      for (let i = 0; i < bestOf; i++) best = Math.min(best, Number(await ask('pass')))
      return best
    },
    ask: { sum: async () => Number(await ask('sum')) },
  }
}
