/** Our look-up of file contexts, for every path. */
import { existsSync } from 'node:fs'
import { FileContexts } from '@lsmkit/selinux/server'
import { timedPass } from '../harness/cell.ts'
import type { Cell } from '../harness/cell.ts'
import { dataPath, readData } from './data.ts'
import { mix, START } from './sum.ts'

const text = (file: string): string | undefined => (existsSync(dataPath(file)) ? readData(file).toString() : undefined)

export const cell = (): Cell => {
  const contexts = new FileContexts({
    base: readData('file_contexts').toString(),
    homedirs: text('file_contexts.homedirs'),
    subsDist: text('file_contexts.subs_dist'),
  })
  const paths = readData('paths').toString().trimEnd().split('\n')
  const pass = timedPass(1, () => {
    let found = 0
    for (const path of paths) if (contexts.lookup(path) !== null) found++
    return found
  })
  const sum = (): number => {
    let total = START
    for (const path of paths) for (const byte of Buffer.from(contexts.lookup(path) ?? '!')) total = mix(total, byte)
    return total
  }
  return { pass: () => pass() / paths.length, ask: { sum } }
}
