/**
 * Setting and removing extended attributes: unless an LSM claims the name (inode_xattr_skipcap answers 1), the
 * capability function is asked first, directly and not through a slot, in front of every LSM.
 */
import { S_PRIVATE } from '@lsmkit/abi'
import { functionOf } from '../dispatch/key.ts'
import type { Dentry, MntIdmap } from '../objects/fs.ts'
import { busy } from './shape.ts'
import type { Frame, Shape } from './shape.ts'

const isPrivate = (dentry: Dentry): boolean => dentry.d_inode !== null && (dentry.d_inode.i_flags & S_PRIVATE) !== 0

const skipsCap = ({ hook }: Frame): ((name: string) => boolean) => {
  const skipcap = hook('inode_xattr_skipcap')
  return (name) => functionOf(skipcap.key).call(skipcap.key, name) !== 0
}

const inode_setxattr: Shape = {
  frame: (frame) => {
    const { caps } = frame.env
    const skips = skipsCap(frame)
    return (chain) =>
      function (
        this: unknown,
        idmap: MntIdmap,
        dentry: Dentry,
        name: string,
        value: Uint8Array,
        size: number,
        flags: number,
      ): number {
        if (isPrivate(dentry)) return 0
        const rc = skips(name) ? 0 : caps.cap_inode_setxattr(dentry, name, value, size, flags)
        return rc !== 0 ? rc : (chain.call(this, idmap, dentry, name, value, size, flags) as number)
      }
  },
  idle: busy,
}

const inode_removexattr: Shape = {
  frame: (frame) => {
    const { caps } = frame.env
    const skips = skipsCap(frame)
    return (chain) => function (this: unknown, idmap: MntIdmap, dentry: Dentry, name: string): number {
      if (isPrivate(dentry)) return 0
      const rc = skips(name) ? 0 : caps.cap_inode_removexattr(idmap, dentry, name)
      return rc !== 0 ? rc : (chain.call(this, idmap, dentry, name) as number)
    }
  },
  idle: busy,
}

export const xattrShapes: Readonly<Record<string, Shape>> = {
  inode_xattr_skipcap: {},
  inode_setxattr,
  inode_removexattr,
}
