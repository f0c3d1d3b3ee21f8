/** securityfs: the list of LSMs, and what each of them shows of itself (security/inode.c). */
import { SECURITYFS_MAGIC } from '@lsmkit/abi'
import type { Machine } from '../../machine.ts'
import type { FileSystem } from '../driver.ts'
import { declaredDir, mergedFiles } from '../pseudo/declared.ts'
import type { PseudoEngine } from '../pseudo/engine.ts'
import { readText } from '../pseudo/nodes.ts'

export const securityfs = (machine: Machine, { pseudoType }: PseudoEngine): FileSystem => {
  const { names, pseudoFs } = machine.stack
  const declared = declaredDir(mergedFiles(pseudoFs, 'securityfs'))
  /** Names in order of registration, without a newline. */
  const lsm = readText(() => names.join(','))
  return pseudoType({
    name: 'securityfs',
    magic: SECURITYFS_MAGIC,
    single: true,
    root: () => ({
      ...declared,
      find: (name) => (name === 'lsm' ? lsm : declared.find(name)),
      names: () => ['lsm', ...declared.names()],
    }),
  })
}
