/**
 * debugfs: files for developers, with tracefs mounted at `tracing` when somebody enters it (fs/debugfs). Lockdown
 * allows only files that everybody may read and nobody may write, and no changes of owners and modes.
 */
import {
  ATTR_GID, ATTR_MODE, ATTR_UID, DEBUGFS_MAGIC, EINVAL, EPERM, FMODE_WRITE, LOCKDOWN_DEBUGFS, S_IALLUGO,
} from '@lsmkit/abi'
import type { Dentry, Iattr, MntIdmap } from '@lsmkit/core'
import type { Machine } from '../../machine.ts'
import type { FileSystem } from '../../state/vfs/driver.ts'
import type { PseudoEngine } from '../pseudo/engine.ts'
import { fixedDir } from '../pseudo/nodes.ts'
import type { PseudoText, TextIo } from '../pseudo/nodes.ts'
import { rootOptions } from './root-options.ts'
import { pseudoType } from '../pseudo/type.ts'
import { bound } from '../../state/bound.ts'

const READ_BY_ALL = 0o444
/** As `kstrtobool`. */
const YES = /^(?:[yYtT1]|[oO][nN])/
const NO = /^(?:[nNfF0]|[oO][fF])/

const lockedSetattr = (machine: Machine, idmap: MntIdmap, dentry: Dentry, attr: Iattr): number => {
  const changes = (attr.ia_valid & (ATTR_MODE | ATTR_UID | ATTR_GID)) !== 0
  const rc = changes ? machine.lsm.locked_down.ask(LOCKDOWN_DEBUGFS) : 0
  return rc !== 0 ? rc : machine.vfs.simple_setattr(idmap, dentry, attr)
}

const open = (machine: Machine, { file }: TextIo): number => {
  const isHarmless = (file.f_inode.i_mode & S_IALLUGO & ~READ_BY_ALL) === 0 && (file.f_mode & FMODE_WRITE) === 0
  return isHarmless || machine.lsm.locked_down.ask(LOCKDOWN_DEBUGFS) === 0 ? 0 : -EPERM
}

/** As `debugfs_create_bool`. */
const flag = (
  machine: Machine, mode: number, setattr: NonNullable<PseudoText['setattr']>,
): PseudoText => {
  let value = false
  return {
    kind: 'text',
    mode,
    setattr,
    open: (io) => open(machine, io),
    text: () => (value ? 'Y\n' : 'N\n'),
    write(_io, data) {
      const text = new TextDecoder().decode(data)
      if (!YES.test(text) && !NO.test(text)) return -EINVAL
      value = YES.test(text)
      return data.length
    },
  }
}

export const debugfs = (machine: Machine, engine: PseudoEngine, tracefs: FileSystem): FileSystem => {
  const { setattr } = bound(machine, { setattr: lockedSetattr })
  const root = fixedDir({
    sched: fixedDir({ verbose: flag(machine, 0o644, setattr) }, 0o755, { setattr }),
    tracing: {
      ...fixedDir({}, 0o755),
      automount: (path) => machine.vfs.vfs_submount(path, tracefs, 'tracefs'),
    },
  }, 0o700, { setattr })
  const shape = { magic: DEBUGFS_MAGIC, single: true, whole: true, root: () => root }
  return pseudoType(engine, { name: 'debugfs', ...shape, ...rootOptions(true) })
}
