/** Mount options of an overlay: parsed one by one, and checked against one another (fs/overlayfs/params.c). */
import {
  AT_FDCWD, CAP_SYS_ADMIN, EINVAL, ENOPARAM, EPERM, FS_CONTEXT_FOR_RECONFIGURE, fs_value_is_flag, fs_value_is_string,
} from '@lsmkit/abi'
import { capable } from '@lsmkit/core'
import type { FsContext, FsParameter, Path } from '@lsmkit/core'
import type { Machine } from '../../machine.ts'
import { LOOKUP_FOLLOW } from '../../state/vfs/lookup-flags.ts'
import type { MountContext } from '../../state/vfs/mount-context.ts'
import { mntIsReadonly } from '../../state/vfs/mount.ts'
import { getname } from '../../state/vfs/names.ts'
import { OPTION_WORDS, OvlConfig } from './config.ts'
import { isDirDentry } from './node.ts'

/** How many layers may lie under one another. */
const OVL_MAX_STACK = 500

export interface LowerDir {
  readonly name: string
  readonly path: Path
}

/** Options of one mount, as they are parsed (struct ovl_fs_context). */
export class OvlOptions {
  readonly config = new OvlConfig()
  upper: Path | null = null
  work: Path | null = null
  lower: LowerDir[] = []
  nr_data = 0
  /** Which were given; the others give way. */
  readonly set = { redirect: false, index: false, nfs_export: false, metacopy: false }
}

type LayerOption = 'lowerdir' | 'lowerdir+' | 'datadir+' | 'upperdir' | 'workdir'
const LAYER_OPTIONS: ReadonlySet<string> = new Set(['lowerdir+', 'datadir+', 'upperdir', 'workdir'])

const unescape = (text: string): string => text.replace(/\\(.?)/gs, '$1')

/** `lowerdir=a:b::data`: the layers, with their escapes; null for misplaced colons. */
const splitLowerdirs = (text: string): { name: string; isData: boolean }[] | null => {
  const dirs = [{ name: '', isData: false }]
  for (let i = 0; i < text.length; i++) {
    const char = text[i] as string
    if (char !== ':') {
      const escapes = char === '\\' && i + 1 < text.length
      dirs.at(-1)!.name += escapes ? char + text[++i] : char
      continue
    }
    const isData = text[i + 1] === ':'
    if (isData) i++
    if (text[i + 1] === ':' || i + 1 === text.length) return null
    dirs.push({ name: '', isData })
  }
  return dirs
}

/** Takes the options of mount(2) apart: a comma behind a backslash belongs to a name. */
export const splitOptions = (data: string): readonly string[] => data.match(/(?:\\.?|[^\\,])+/gs) ?? []

export const optionsOf = (fc: FsContext): OvlOptions => {
  fc.fs_private ??= new OvlOptions()
  return fc.fs_private as OvlOptions
}

const invalid = (fc: FsContext, message: string): number => {
  (fc as MountContext).tell(`e overlay: ${message}`)
  return -EINVAL
}

const find = (machine: Machine, name: string): Path | number => {
  if (name === '') return -EINVAL
  const text = getname(name)
  return typeof text === 'number' ? text : machine.vfs.filename_lookup(AT_FDCWD, text, LOOKUP_FOLLOW, null)
}

const checkUpper = (fc: FsContext, { mnt, dentry }: Path, name: string): number => {
  if (dentry.d_sb.s_type === fc.fs_type) return invalid(fc, `filesystem on ${name} not supported as upperdir`)
  return mntIsReadonly(mnt) ? invalid(fc, `filesystem on ${name} is read-only`) : 0
}

const checkLower = (fc: FsContext, layer: LayerOption): number => {
  const { config, nr_data, lower } = optionsOf(fc)
  if (config.lowerdir_all !== null && layer !== 'lowerdir') {
    return invalid(fc, 'lowerdir+ and datadir+ cannot follow lowerdir')
  }
  if (nr_data > 0 && layer === 'lowerdir+') return invalid(fc, 'regular lower layers cannot follow data layers')
  if (lower.length < OVL_MAX_STACK) return 0
  return invalid(fc, `too many lower directories, limit is ${OVL_MAX_STACK}`)
}

const replace = (machine: Machine, old: Path | null): void => {
  if (old !== null) machine.vfs.path_put(old)
}

const parseLayer = (machine: Machine, fc: FsContext, name: string, layer: LayerOption): number => {
  const own = optionsOf(fc)
  const isUpper = layer === 'upperdir' || layer === 'workdir'
  const path = find(machine, isUpper || layer === 'lowerdir' ? unescape(name) : name)
  if (typeof path === 'number') return path
  if (!isDirDentry(path.dentry)) return invalid(fc, `${name} is not a directory`)
  const rc = isUpper ? checkUpper(fc, path, name) : checkLower(fc, layer)
  if (rc !== 0) return rc
  machine.vfs.path_get(path)
  if (layer === 'upperdir') {
    replace(machine, own.upper)
    own.upper = path
    own.config.upperdir = name
  } else if (layer === 'workdir') {
    replace(machine, own.work)
    own.work = path
    own.config.workdir = name
  } else {
    if (layer === 'datadir+') own.nr_data++
    own.lower.push({ name, path })
  }
  return 0
}

const resetLower = (machine: Machine, own: OvlOptions): void => {
  for (const { path } of own.lower) machine.vfs.path_put(path)
  own.lower = []
  own.nr_data = 0
}

const parseLowerdir = (machine: Machine, fc: FsContext, text: string): number => {
  const own = optionsOf(fc)
  resetLower(machine, own)
  own.config.lowerdir_all = null
  if (text === '') return 0
  if (text.startsWith(':')) return -EINVAL
  own.config.lowerdir_all = text
  const dirs = splitLowerdirs(text)
  if (dirs === null || dirs.length > OVL_MAX_STACK) return -EINVAL
  for (const { name, isData } of dirs) {
    if (!isData && own.nr_data > 0) return -EINVAL
    const rc = parseLayer(machine, fc, name, 'lowerdir')
    if (rc !== 0) return rc
    if (isData) own.nr_data++
  }
  return 0
}

const setWord = (own: OvlOptions, key: keyof typeof OPTION_WORDS, word: string): void => {
  const { config, set } = own
  if (key in set) set[key as 'index'] = true
  if (key === 'redirect_dir') {
    set.redirect = true
    config.redirect_mode = word === 'off' ? 'follow' : (word as OvlConfig['redirect_mode'])
  } else if (key === 'index' || key === 'nfs_export' || key === 'metacopy') config[key] = word === 'on'
  else Object.assign(config, { [key]: word })
}

const parseFlag = (config: OvlConfig, key: string): boolean => {
  if (key === 'default_permissions' || key === 'userxattr') config[key] = true
  else if (key === 'volatile') config.fsync = 'volatile'
  else return false
  return true
}

const FLAGS: ReadonlySet<string> = new Set(['default_permissions', 'userxattr', 'volatile'])

export const parseParam = (machine: Machine, fc: FsContext, param: FsParameter): number => {
  if (fc.purpose === FS_CONTEXT_FOR_RECONFIGURE) {
    // mount(2) has always ignored them
    return (fc as MountContext).oldapi ? 0 : invalid(fc, 'No changes allowed in reconfigure')
  }
  const { key, type, string } = param
  const own = optionsOf(fc)
  if (FLAGS.has(key)) return type === fs_value_is_flag && parseFlag(own.config, key) ? 0 : -EINVAL
  const isLayer = LAYER_OPTIONS.has(key)
  const isWord = Object.hasOwn(OPTION_WORDS, key) && (key !== 'fsync' || machine.rules.overlayFsync)
  if (!isLayer && key !== 'lowerdir' && !isWord) return -ENOPARAM
  if (type !== fs_value_is_string || string === null) return -EINVAL
  if (key === 'lowerdir') return parseLowerdir(machine, fc, string)
  if (isLayer) return string === '' ? -EINVAL : parseLayer(machine, fc, string, key as LayerOption)
  const words: readonly string[] = OPTION_WORDS[key as keyof typeof OPTION_WORDS]
  if (!words.includes(string)) return -EINVAL
  setWord(own, key as keyof typeof OPTION_WORDS, string)
  return 0
}

export const freeContext = (machine: Machine, fc: FsContext): void => {
  if (fc.fs_private === null) return
  const own = optionsOf(fc)
  resetLower(machine, own)
  replace(machine, own.upper)
  replace(machine, own.work)
  own.upper = own.work = null
}

/** Options that only an upper layer gives a meaning to. */
const withoutUpper = ({ config, set }: OvlOptions): void => {
  if (config.upperdir !== null) return
  config.workdir = null
  set.index &&= !config.index
  config.index = false
  if (config.fsync === 'volatile') config.fsync = 'auto'
  if (config.uuid === 'on') config.uuid = 'null'
  if (config.redirect_mode === 'follow') config.redirect_mode = 'on'
}

/** verity needs metacopy, which needs redirects. Defaults give way; -EINVAL if given options contradict each other. */
const resolveMetacopy = ({ config, set }: OvlOptions): number => {
  if (config.verity !== 'off' && !config.metacopy) {
    if (set.metacopy) return -EINVAL
    config.metacopy = true
  }
  if (!config.metacopy || config.redirect_mode === 'on') return 0
  if (set.redirect && (set.metacopy || config.verity !== 'off')) return -EINVAL
  if (set.redirect) config.metacopy = false
  else config.redirect_mode = 'on'
  return 0
}

/** nfs_export wants the index, and no metacopy. */
const resolveExport = ({ config, set }: OvlOptions): number => {
  if (config.nfs_export && !config.index) {
    if (config.upperdir === null && config.redirect_mode !== 'nofollow') config.nfs_export = false
    else if (set.nfs_export && set.index) return -EINVAL
    else if (set.index) config.nfs_export = false
    else config.index = true
  }
  if (!config.nfs_export || !config.metacopy) return 0
  if (set.nfs_export && set.metacopy) return -EINVAL
  if (set.metacopy || config.verity !== 'off') config.nfs_export = false
  else config.metacopy = false
  return 0
}

/** Attributes that anybody may write must not lead anywhere. */
const resolveUserxattr = ({ config, set }: OvlOptions): number => {
  if (!config.userxattr) return 0
  if (set.redirect && config.redirect_mode !== 'nofollow') return -EINVAL
  if ((config.metacopy && set.metacopy) || config.verity !== 'off') return -EINVAL
  config.redirect_mode = 'nofollow'
  config.metacopy = false
  return 0
}

/** trusted.* is for the administrator alone. */
const checkTrusted = (machine: Machine, { config, set, nr_data }: OvlOptions): number => {
  if (config.userxattr || capable(machine.lsm, machine.current, CAP_SYS_ADMIN)) return 0
  const wants =
    (set.redirect && config.redirect_mode !== 'nofollow') || (config.metacopy && set.metacopy) ||
    config.verity !== 'off' || nr_data > 0
  return wants ? -EPERM : 0
}

/** Resolves options that depend on each other; -EINVAL or -EPERM if they contradict each other. */
export const verifyOptions = (machine: Machine, fc: FsContext): OvlOptions | number => {
  const own = optionsOf(fc)
  withoutUpper(own)
  const rc = resolveMetacopy(own) || resolveExport(own) || resolveUserxattr(own) || checkTrusted(machine, own)
  if (rc !== 0) return rc
  return own.nr_data > 0 && !own.config.metacopy ? -EINVAL : own
}
