/** Mount options of tmpfs (shmem_parse_one of mm/shmem.c). */
import { CAP_SYS_ADMIN, EINVAL, fs_value_is_string, PAGE_SIZE } from '@lsmkit/abi'
import { capable, gid_valid, make_kgid, make_kuid, uid_valid } from '@lsmkit/core'
import type { FsContext, FsParameter } from '@lsmkit/core'
import type { Machine } from '../../machine.ts'
import { QuotaOptions } from './quota-options.ts'
import { parseSize } from './sizes.ts'

/** Options of one mount, as they are parsed. */
export class TmpfsOptions {
  size: number | null = null
  inodes: number | null = null
  mode = 0o1777
  uid: number
  gid: number
  full_inums = true
  noswap = false
  readonly quota = new QuotaOptions()

  constructor(uid: number, gid: number) {
    this.uid = uid
    this.gid = gid
  }
}

const FLAGS = new Set(['inode32', 'inode64', 'noswap'])
const VALUES = new Set(['size', 'nr_blocks', 'nr_inodes', 'mode', 'uid', 'gid'])

const parseNumber = (text: string | null, base: number): number | null => {
  const pattern = base === 8 ? /^[0-7]+$/ : /^\d+$/
  return text !== null && pattern.test(text) ? Number.parseInt(text, base) : null
}

export const optionsOf = (fc: FsContext): TmpfsOptions => {
  fc.fs_private ??= new TmpfsOptions(fc.cred.fsuid, fc.cred.fsgid)
  return fc.fs_private as TmpfsOptions
}

/** Sets one option from its text; false if the text is not a valid value. */
const setOption = (machine: Machine, fc: FsContext, key: string, text: string): boolean => {
  const own = optionsOf(fc)
  if (key === 'size' || key === 'nr_blocks') {
    const share = key === 'size' && text.endsWith('%') ? parseSize(text.slice(0, -1)) : null
    const size = share === null ? parseSize(text) : Math.floor((share * machine.totalram) / 100)
    own.size = size === null || key === 'size' ? size : size * PAGE_SIZE
    return size !== null
  }
  if (key === 'nr_inodes') return (own.inodes = parseSize(text)) !== null
  const value = parseNumber(text, key === 'mode' ? 8 : 10)
  if (value === null) return false
  if (key === 'mode') own.mode = value & 0o7777
  if (key === 'uid') own.uid = make_kuid(fc.user_ns, value)
  if (key === 'gid') own.gid = make_kgid(fc.user_ns, value)
  return uid_valid(own.uid) && gid_valid(own.gid)
}

const setFlag = (machine: Machine, fc: FsContext, key: string): number => {
  const own = optionsOf(fc)
  if (key === 'noswap') {
    if (fc.user_ns !== machine.init_user_ns || !capable(machine.lsm, machine.current, CAP_SYS_ADMIN)) return -EINVAL
    own.noswap = true
  } else own.full_inums = key === 'inode64'
  return 0
}

export const parse_param = (machine: Machine, fc: FsContext, { key, type, string }: FsParameter): number => {
  const text = type === fs_value_is_string ? string : null
  if (FLAGS.has(key)) return text === null ? setFlag(machine, fc, key) : -EINVAL
  if (!VALUES.has(key)) return optionsOf(fc).quota.parse(key, text, fc.user_ns === machine.init_user_ns)
  return text !== null && setOption(machine, fc, key, text) ? 0 : -EINVAL
}
