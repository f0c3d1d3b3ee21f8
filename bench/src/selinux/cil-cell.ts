/** Compiling all modules of Debian's policy from their files to a binary policy. */
import { readdirSync } from 'node:fs'
import { compileCil } from '@lsmkit/selinux/cil'
import { writePolicy } from '@lsmkit/selinux/policydb'
import type { Cell } from '../harness/cell.ts'
import { CIL, dataPath, readData } from './data.ts'

export const cell = (): Cell => ({
  pass() {
    const start = process.hrtime.bigint()
    const sources = readdirSync(dataPath(CIL)).map((name) => ({ name, text: readData(`${CIL}/${name}`) }))
    const { policy } = compileCil(
      sources, { version: 34, mls: true, multipleDeclarations: true, disableNeverallow: true },
    )
    const { length } = writePolicy(policy)
    const took = Number(process.hrtime.bigint() - start)
    if (length < 100_000) throw new Error(`the policy has ${length} bytes`)
    return took
  },
})
