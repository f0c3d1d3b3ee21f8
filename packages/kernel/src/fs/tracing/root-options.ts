/** Options of debugfs and tracefs: `uid=`, `gid=` and `mode=` of the root, which only root enters at first. */
import { EINVAL, ENOPARAM, fs_value_is_string, S_IALLUGO } from '@lsmkit/abi'
import { gid_valid, make_kgid, make_kuid, uid_valid } from '@lsmkit/core'
import type { Dentry, FsContext, FsParameter } from '@lsmkit/core'
import type { PseudoType } from '../pseudo/type.ts'

const DEFAULT_MODE = 0o700

interface RootOptions {
  uid?: number
  gid?: number
  mode?: number
}

const optionsOf = (fc: FsContext): RootOptions => (fc.fs_private ??= {}) as RootOptions

const setOption = (fc: FsContext, key: string, text: string): boolean => {
  if (!(key === 'mode' ? /^[0-7]+$/ : /^\d+$/).test(text)) return false
  const own = optionsOf(fc)
  const value = Number.parseInt(text, key === 'mode' ? 8 : 10)
  if (key === 'mode') own.mode = value & S_IALLUGO
  else if (key === 'uid') own.uid = make_kuid(fc.user_ns, value)
  else own.gid = make_kgid(fc.user_ns, value)
  return uid_valid(own.uid ?? 0) && gid_valid(own.gid ?? 0)
}

const parse = (fc: FsContext, { key, type, string }: FsParameter): number => {
  if (key !== 'uid' && key !== 'gid' && key !== 'mode') return -ENOPARAM
  return type === fs_value_is_string && string !== null && setOption(fc, key, string) ? 0 : -EINVAL
}

const apply = (fc: FsContext, { uid, gid, mode }: RootOptions): void => {
  const inode = (fc.root as Dentry).d_inode!
  if (mode !== undefined) inode.i_mode = (inode.i_mode & ~S_IALLUGO) | mode
  if (uid !== undefined) inode.i_uid = uid
  if (gid !== undefined) inode.i_gid = gid
}

/** `lenient`: unknown options are ignored, as debugfs does. */
export const rootOptions = (
  lenient: boolean,
): Pick<PseudoType, 'options' | 'mounted' | 'reconfigure' | 'superOps'> => ({
  options(fc, param) {
    const rc = parse(fc, param)
    return lenient && rc === -ENOPARAM && param.key !== 'source' ? 0 : rc
  },
  mounted: (fc, isFirst) => apply(fc, isFirst ? { mode: DEFAULT_MODE, ...optionsOf(fc) } : optionsOf(fc)),
  reconfigure: (fc) => {
    apply(fc, optionsOf(fc))
    return 0
  },
  superOps: {
    show_options(m, root) {
      const { i_uid, i_gid, i_mode } = root.d_sb.s_root!.d_inode!
      if (i_uid !== 0) m.text += `,uid=${i_uid}`
      if (i_gid !== 0) m.text += `,gid=${i_gid}`
      if ((i_mode & S_IALLUGO) !== DEFAULT_MODE) m.text += `,mode=${(i_mode & S_IALLUGO).toString(8)}`
      return 0
    },
  },
})
