/** securityfs: the list of LSMs, and the files that each of them declares (security/inode.c). */
import { SECURITYFS_MAGIC } from '@lsmkit/abi'
import type { Machine } from '../../machine.ts'
import type { FileSystem } from '../../state/vfs/driver.ts'
import { declaredDir, mergedEntries } from '../pseudo/declared.ts'
import type { PseudoEngine } from '../pseudo/engine.ts'
import { pseudoType } from '../pseudo/type.ts'

export const securityfs = (machine: Machine, engine: PseudoEngine): FileSystem => {
  const root = declaredDir(machine, mergedEntries(machine.stack.pseudoFs, 'securityfs'))
  return pseudoType(engine, { name: 'securityfs', magic: SECURITYFS_MAGIC, single: true, root: () => root })
}
