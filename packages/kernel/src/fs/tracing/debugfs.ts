/**
 * debugfs: what developers look at, with tracefs mounted at `tracing` when somebody goes in (fs/debugfs). Under
 * lockdown only what all may read and nobody write can be opened, and owners and modes stay as they are.
 */
import {
  ATTR_GID, ATTR_MODE, ATTR_UID, DEBUGFS_MAGIC, EINVAL, EPERM, FMODE_WRITE, LOCKDOWN_DEBUGFS, S_IALLUGO,
} from '@lsmkit/abi'
import type { Dentry, Iattr, KeyMap, MntIdmap } from '@lsmkit/core'
import type { Machine } from '../../machine.ts'
import type { FileSystem } from '../../state/vfs/driver.ts'
import type { PseudoEngine } from '../pseudo/engine.ts'
import { fixedDir } from '../pseudo/nodes.ts'
import type { PseudoText } from '../pseudo/nodes.ts'
import { rootOptions } from './root-options.ts'
import { pseudoType } from '../pseudo/type.ts'

const READ_BY_ALL = 0o444
/** As `kstrtobool`. */
const YES = /^(?:[yYtT1]|[oO][nN])/
const NO = /^(?:[nNfF0]|[oO][fF])/

export const debugfs = (
  lsm: KeyMap, machine: Machine, engine: PseudoEngine, tracefs: FileSystem,
): FileSystem => {
  const setattr = (idmap: MntIdmap, dentry: Dentry, attr: Iattr): number => {
    const rc = (attr.ia_valid & (ATTR_MODE | ATTR_UID | ATTR_GID)) !== 0 ? lsm.locked_down.ask(LOCKDOWN_DEBUGFS) : 0
    return rc !== 0 ? rc : machine.vfs.simple_setattr(idmap, dentry, attr)
  }

  /** As `debugfs_create_bool`. */
  const flag = (mode: number): PseudoText => {
    let value = false
    return {
      kind: 'text',
      mode,
      setattr,
      open({ file }) {
        const isHarmless = (file.f_inode.i_mode & S_IALLUGO & ~READ_BY_ALL) === 0 && (file.f_mode & FMODE_WRITE) === 0
        return isHarmless || lsm.locked_down.ask(LOCKDOWN_DEBUGFS) === 0 ? 0 : -EPERM
      },
      text: () => (value ? 'Y\n' : 'N\n'),
      write(_io, data) {
        const text = new TextDecoder().decode(data)
        if (!YES.test(text) && !NO.test(text)) return -EINVAL
        value = YES.test(text)
        return data.length
      },
    }
  }

  const root = fixedDir({
    sched: fixedDir({ verbose: flag(0o644) }, 0o755, { setattr }),
    tracing: {
      ...fixedDir({}, 0o755),
      automount: (path) => machine.vfs.vfs_submount(path, tracefs, 'tracefs'),
    },
  }, 0o700, { setattr })
  const shape = { magic: DEBUGFS_MAGIC, single: true, whole: true, root: () => root }
  return pseudoType(engine, { name: 'debugfs', ...shape, ...rootOptions(true) })
}
