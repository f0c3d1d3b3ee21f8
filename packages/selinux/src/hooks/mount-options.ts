/** Mount options as text: taken out of a mount's data, and shown in /proc/mounts. */
import { EINVAL, ENOPARAM, fs_value_is_flag, fs_value_is_string } from '@lsmkit/abi'
import type { HookTable, SuperBlock } from '@lsmkit/core'
import {
  CONTEXT_MNT, DEFCONTEXT_MNT, FSCONTEXT_MNT, ROOTCONTEXT_MNT, SBLABEL_MNT, SE_MNTMASK, SE_SBINITIALIZED,
} from '../blobs.ts'
import { SECSID_NULL } from '../initial-sids.ts'
import type { Selinux } from '../state.ts'
import { conflicts, MountContexts } from './mount-contexts.ts'

const names = ['context', 'fscontext', 'rootcontext', 'defcontext'] as const
type OptionName = (typeof names)[number]
const isOption = (name: string): name is OptionName => (names as readonly string[]).includes(name)

/** As `selinux_add_opt`: each once; context= is the files' label and leaves none to defcontext=. 0 or -errno. */
const addOption = ({ server }: Selinux, to: MountContexts, name: OptionName, text: string): number => {
  if (!server.loaded) return -EINVAL
  const isFiles = name === 'context' || name === 'defcontext'
  if (isFiles ? to.context !== SECSID_NULL || to.defcontext !== SECSID_NULL : to[name] !== SECSID_NULL) return -EINVAL
  const sid = server.contextToSid(text)
  if (sid < 0) return sid
  to[name] = sid
  return 0
}

/** The options of a list; commas inside quotes do not part them. */
const splitOptions = (text: string): string[] => {
  const parts: string[] = []
  let part = ''
  let quoted = false
  for (const char of text) {
    if (char === '"') quoted = !quoted
    if (char === ',' && !quoted) {
      parts.push(part)
      part = ''
    } else part += char
  }
  return [...parts, part]
}

/** ` ,context="…"`: in quotes where a comma would part it. */
const shown = (selinux: Selinux, name: string, sid: number): string => {
  const text = selinux.server.sidToContext(sid)
  if (typeof text === 'number') return ''
  const safe = text.replace(/["\n\\]/g, (char) => `\\${char.charCodeAt(0).toString(8).padStart(3, '0')}`)
  return `,${name}=${safe.includes(',') ? `"${safe}"` : safe}`
}

const mayRemount = (selinux: Selinux, sb: SuperBlock, given: MountContexts | null): number => {
  const state = selinux.blobs.superblock(sb)
  if (given === null || (state.flags & SE_SBINITIALIZED) === 0) return 0
  const options = [
    [FSCONTEXT_MNT, given.fscontext, state.sid], [CONTEXT_MNT, given.context, state.mntpoint_sid],
    [ROOTCONTEXT_MNT, given.rootcontext, selinux.blobs.inode(sb.s_root!.d_inode!).sid],
    [DEFCONTEXT_MNT, given.defcontext, state.def_sid],
  ] as const
  const bad = options.some(([flag, sid, old]) => sid !== SECSID_NULL && conflicts(state, flag, old, sid))
  return bad ? -EINVAL : 0
}

export const mountOptionHooks: HookTable<Selinux> = {
  fs_context_submount(selinux, fc, reference) {
    const { flags, sid, mntpoint_sid, def_sid } = selinux.blobs.superblock(reference)
    if ((flags & (FSCONTEXT_MNT | CONTEXT_MNT | DEFCONTEXT_MNT)) === 0) return 0
    const given = new MountContexts()
    if ((flags & FSCONTEXT_MNT) !== 0) given.fscontext = sid
    if ((flags & CONTEXT_MNT) !== 0) given.context = mntpoint_sid
    if ((flags & DEFCONTEXT_MNT) !== 0) given.defcontext = def_sid
    fc.security = given
    return 0
  },

  fs_context_dup(_selinux, fc, source) {
    if (source.security !== null) fc.security = Object.assign(new MountContexts(), source.security)
    return 0
  },

  fs_context_parse_param(selinux, fc, param) {
    // what /proc/mounts shows of a labelled file system may be given back
    if (param.key === 'seclabel') return param.type === fs_value_is_flag ? 0 : -EINVAL
    if (!isOption(param.key)) return -ENOPARAM
    if (param.type !== fs_value_is_string || param.string === null) return -EINVAL
    fc.security ??= new MountContexts()
    return addOption(selinux, fc.security as MountContexts, param.key, param.string)
  },

  sb_free_mnt_opts() {},

  /** Takes its own options out of a list `a,context="u:r:t:s0:c1,c2",b`. */
  sb_eat_lsm_opts(selinux, options, given) {
    const others: string[] = []
    for (const option of splitOptions(options.value)) {
      if (option === 'seclabel') continue
      const at = option.indexOf('=')
      const name = option.slice(0, Math.max(at, 0))
      if (!isOption(name)) {
        others.push(option)
        continue
      }
      given.value ??= new MountContexts()
      const rc = addOption(selinux, given.value as MountContexts, name, option.slice(at + 1).replaceAll('"', ''))
      if (rc !== 0) {
        given.value = null
        return rc
      }
    }
    options.value = others.join(',')
    return 0
  },

  sb_mnt_opts_compat(selinux, sb, given) {
    const state = selinux.blobs.superblock(sb)
    if (given === null) return (state.flags & SE_MNTMASK) !== 0 ? -EINVAL : 0
    return (state.flags & SE_SBINITIALIZED) === 0 ? 0 : mayRemount(selinux, sb, given as MountContexts)
  },
  sb_remount: (selinux, sb, given) => mayRemount(selinux, sb, given as MountContexts | null),

  sb_show_options(selinux, m, sb) {
    const { flags, sid, mntpoint_sid, def_sid } = selinux.blobs.superblock(sb)
    if ((flags & SE_SBINITIALIZED) === 0 || !selinux.server.loaded) return 0
    if ((flags & FSCONTEXT_MNT) !== 0) m.text += shown(selinux, 'fscontext', sid)
    if ((flags & CONTEXT_MNT) !== 0) m.text += shown(selinux, 'context', mntpoint_sid)
    if ((flags & DEFCONTEXT_MNT) !== 0) m.text += shown(selinux, 'defcontext', def_sid)
    if ((flags & ROOTCONTEXT_MNT) !== 0) {
      m.text += shown(selinux, 'rootcontext', selinux.blobs.inode(sb.s_root!.d_inode!).sid)
    }
    if ((flags & SBLABEL_MNT) !== 0) m.text += ',seclabel'
    return 0
  },
}
