/** The options of an overlay, their words and their defaults (fs/overlayfs/params.c). */

/** Values that an option may have, in the order of the kernel's table. */
export const OPTION_WORDS = {
  redirect_dir: ['off', 'follow', 'nofollow', 'on'],
  index: ['on', 'off'],
  uuid: ['off', 'null', 'auto', 'on'],
  nfs_export: ['on', 'off'],
  xino: ['off', 'auto', 'on'],
  metacopy: ['on', 'off'],
  verity: ['off', 'on', 'require'],
  fsync: ['volatile', 'auto', 'strict'],
} as const satisfies Readonly<Record<string, readonly string[]>>

type Word<K extends keyof typeof OPTION_WORDS> = (typeof OPTION_WORDS)[K][number]

/** Debian's kernel: redirects are followed but not made; index, nfs_export, metacopy and xino are off. */
export class OvlConfig {
  upperdir: string | null = null
  workdir: string | null = null
  /** `lowerdir` as it was given; null when layers were added one by one. */
  lowerdir_all: string | null = null
  /** Paths of layers that were added by `lowerdir+` and `datadir+`. */
  lowerdirs: string[] = []
  default_permissions = false
  userxattr = false
  redirect_mode: Exclude<Word<'redirect_dir'>, 'off'> = 'follow'
  index = false
  uuid: Word<'uuid'> = 'auto'
  nfs_export = false
  xino: Word<'xino'> = 'off'
  metacopy = false
  verity: Word<'verity'> = 'off'
  fsync: Word<'fsync'> = 'auto'
}

export const redirectFollow = ({ redirect_mode }: OvlConfig): boolean => redirect_mode !== 'nofollow'
export const hasFsid = ({ uuid }: OvlConfig): boolean => uuid === 'on' || uuid === 'auto'
export const shouldSync = ({ fsync }: OvlConfig): boolean => fsync !== 'volatile'

/** True if layers may change while they are not mounted: none of the newer features is on. */
export const allowOfflineChanges = (config: OvlConfig): boolean =>
  !config.index && !config.metacopy && config.redirect_mode !== 'on' && config.xino !== 'on'

/** A value as /proc/mounts shows it (seq_show_option). */
const escaped = (text: string): string =>
  text.replace(/[, \t\n\\]/g, (char) => `\\${char.charCodeAt(0).toString(8).padStart(3, '0')}`)

const onOff = (value: boolean): string => (value ? 'on' : 'off')

interface Shown {
  /** Layers without data layers. */
  readonly merged: number
  /** All layers are on one file system. */
  readonly sameFs: boolean
  /** The release has the option `fsync`. */
  readonly hasFsync: boolean
}

/** `,option=value` for all that differ from the default. */
export const configText = (config: OvlConfig, { merged, sameFs, hasFsync }: Shown): string => {
  const usual = new OvlConfig()
  let text = ''
  const show = (name: string, value: string): void => void (text += `,${name}=${value}`)
  if (config.lowerdir_all !== null) show('lowerdir', escaped(config.lowerdir_all))
  else config.lowerdirs.forEach((dir, i) => show(i < merged ? 'lowerdir+' : 'datadir+', escaped(dir)))
  if (config.upperdir !== null) {
    show('upperdir', escaped(config.upperdir))
    show('workdir', escaped(config.workdir ?? ''))
  }
  if (config.default_permissions) text += ',default_permissions'
  if (config.redirect_mode !== usual.redirect_mode) show('redirect_dir', config.redirect_mode)
  if (config.index !== usual.index) show('index', onOff(config.index))
  if (config.uuid !== usual.uuid) show('uuid', config.uuid)
  if (config.nfs_export !== usual.nfs_export) show('nfs_export', onOff(config.nfs_export))
  if (config.xino !== usual.xino && !sameFs) show('xino', config.xino)
  if (config.metacopy !== usual.metacopy) show('metacopy', onOff(config.metacopy))
  if (config.fsync !== usual.fsync) text += hasFsync ? `,fsync=${config.fsync}` : ',volatile'
  if (config.userxattr) text += ',userxattr'
  if (config.verity !== usual.verity) show('verity', config.verity)
  return text
}
