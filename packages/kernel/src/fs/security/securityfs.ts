/** securityfs: the list of LSMs, and what each of them shows of itself (security/inode.c). All of it is declared. */
import { SECURITYFS_MAGIC } from '@lsmkit/abi'
import type { Machine } from '../../machine.ts'
import type { FileSystem } from '../../state/vfs/driver.ts'
import { declaredDir, mergedFiles } from '../pseudo/declared.ts'
import type { PseudoEngine } from '../pseudo/engine.ts'
import { pseudoType } from '../pseudo/type.ts'

export const securityfs = ({ stack }: Machine, engine: PseudoEngine): FileSystem => {
  const root = declaredDir(mergedFiles(stack.pseudoFs, 'securityfs'))
  return pseudoType(engine, { name: 'securityfs', magic: SECURITYFS_MAGIC, single: true, root: () => root })
}
