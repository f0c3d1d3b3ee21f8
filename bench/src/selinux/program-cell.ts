/** A program from its start to its end, by the clock. */
import { spawnSync } from 'node:child_process'
import type { Cell } from '../harness/cell.ts'

export interface ProgramArgs {
  readonly command: string
  readonly args: readonly string[]
}

export const cell = ({ command, args }: ProgramArgs): Cell => ({
  pass() {
    const start = process.hrtime.bigint()
    const { status, stderr } = spawnSync(command, args, { stdio: ['ignore', 'ignore', 'pipe'] })
    const took = Number(process.hrtime.bigint() - start)
    if (status !== 0) throw new Error(`${command} ended with ${status}: ${stderr}`)
    return took
  },
})
