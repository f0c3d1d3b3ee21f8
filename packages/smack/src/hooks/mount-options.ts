/** Mount options: what smackfsroot= and the others say, until a super block takes it. */
import { EINVAL, ENOPARAM, fs_value_is_string } from '@lsmkit/abi'
import type { FsContext, FsParameter, HookTable } from '@lsmkit/core'
import { SMK_INODE_TRANSMUTE } from '../blobs.ts'
import type { Label } from '../label.ts'
import type { LabelTable } from '../label-table.ts'
import type { Smack } from '../state.ts'

const names = {
  smackfsdef: 'default',
  smackfsdefault: 'default',
  smackfsfloor: 'floor',
  smackfshat: 'hat',
  smackfsroot: 'root',
  smackfstransmute: 'transmute',
} as const
type OptionName = keyof typeof names
const isOption = (name: string): name is OptionName => Object.hasOwn(names, name)

/** Each may be given once; 0 is not given. */
export class MountLabels {
  default: Label = 0
  floor: Label = 0
  hat: Label = 0
  root: Label = 0
  /** As `root`, and the root directory gives its label to what is made in it. */
  transmute: Label = 0
}

/** As `smack_add_opt`: 0 or -errno. A label that was imported stays, also when the option was given before. */
const addOption = (labels: LabelTable, to: MountLabels, name: OptionName, text: string): number => {
  const label = labels.import(text)
  if (label < 0) return label
  if (to[names[name]] !== 0) return -EINVAL
  to[names[name]] = label
  return 0
}

export const mountOptionHooks: HookTable<Smack> = {
  fs_context_submount(smack, fc, reference) {
    const sb = smack.blobs.superblock(reference)
    const given = new MountLabels()
    given.default = sb.default
    given.floor = sb.floor
    given.hat = sb.hat
    const root = smack.blobs.inode(reference.s_root!.d_inode!)
    if ((root.flags & SMK_INODE_TRANSMUTE) !== 0) given.transmute = sb.root
    fc.security = given
    return 0
  },

  fs_context_dup(_smack, fc, source) {
    if (source.security !== null) fc.security = Object.assign(new MountLabels(), source.security)
    return 0
  },

  fs_context_parse_param(smack, fc: FsContext, param: FsParameter) {
    if (!isOption(param.key)) return -ENOPARAM
    if (param.type !== fs_value_is_string || param.string === null || param.string === '') return -EINVAL
    fc.security ??= new MountLabels()
    const rc = addOption(smack.policy.labels, fc.security as MountLabels, param.key, param.string)
    if (rc === 0) param.string = null
    return rc
  },

  sb_free_mnt_opts() {},

  /** Takes its own options out of a list `a,smackfsroot=X,b`. */
  sb_eat_lsm_opts(smack, options, given) {
    const others: string[] = []
    for (const option of options.value.split(',')) {
      const at = option.indexOf('=')
      const name = option.slice(0, Math.max(at, 0))
      if (!isOption(name)) {
        others.push(option)
        continue
      }
      given.value ??= new MountLabels()
      const rc = addOption(smack.policy.labels, given.value as MountLabels, name, option.slice(at + 1))
      if (rc !== 0) {
        given.value = null
        return rc
      }
    }
    options.value = others.join(',')
    return 0
  },
}
