/** Loading a policy with all its indexes, and what it takes of memory. */
import { SecurityServer } from '@lsmkit/selinux/server'
import type { Cell } from '../harness/cell.ts'
import { used } from '../harness/memory.ts'
import { readData } from './data.ts'

export interface PolicyLoadArgs {
  readonly policy: string
}

const load = (bytes: Uint8Array): SecurityServer => {
  const server = new SecurityServer()
  server.load(bytes)
  return server
}

export const cell = ({ policy }: PolicyLoadArgs): Cell => {
  const bytes = readData(`${policy}.policy`)
  let kept: SecurityServer | null = null
  const timed = (): number => {
    const start = process.hrtime.bigint()
    kept = load(bytes)
    return Number(process.hrtime.bigint() - start)
  }
  const first = timed()
  return {
    pass() {
      kept = null
      return timed()
    },
    ask: {
      /** Nanoseconds of the first load of the process. */
      first: () => first,
      /** Megabytes of a loaded policy. */
      space() {
        kept = null
        const before = used()
        kept = load(bytes)
        const after = used()
        if (kept.seqno !== 1) throw new Error('nothing was loaded')
        return (after - before) / 1e6
      },
    },
  }
}
