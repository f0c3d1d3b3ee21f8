/** File-system types that take their options as one text (legacy_fs_context_ops of fs/fs_context.c). */
import { EINVAL, ENOPARAM, fs_value_is_flag, fs_value_is_string, PAGE_SIZE } from '@lsmkit/abi'
import type { Dentry, FsContext, FsParameter, SuperBlock } from '@lsmkit/core'
import { byteLength } from '../state/vfs/names.ts'
import type { FileSystem } from '../state/vfs/driver.ts'

interface LegacyType extends Pick<FileSystem, 'name' | 'fs_flags'> {
  /** Sets `fc.root`; `data` is null if no options were given. */
  mount(fc: FsContext, data: string | null): number
  remount?(sb: SuperBlock, data: string | null): number
}

class Options {
  data: string | null = null
}
const optionsOf = (fc: FsContext): Options => (fc.fs_private ??= new Options()) as Options

/** Joins single options to one text again; the mount checks them. */
const parse_param = (fc: FsContext, { key, type, string }: FsParameter): number => {
  if (key === 'source') return -ENOPARAM
  if (type !== fs_value_is_flag && type !== fs_value_is_string) return -EINVAL
  const option = string === null ? key : `${key}=${string}`
  if (option.includes(',')) return -EINVAL
  const own = optionsOf(fc)
  const data = own.data === null ? option : `${own.data},${option}`
  if (byteLength(data) + 1 > PAGE_SIZE) return -EINVAL
  own.data = data
  return 0
}

export const legacyType = ({ name, fs_flags, mount, remount }: LegacyType): FileSystem => ({
  name, fs_flags, parse_param,
  isLegacy: true,
  parse_monolithic(fc, data) {
    optionsOf(fc).data = data
    return 0
  },
  get_tree: (fc) => mount(fc, optionsOf(fc).data),
  reconfigure: (fc) => remount?.((fc.root as Dentry).d_sb, optionsOf(fc).data) ?? 0,
})
