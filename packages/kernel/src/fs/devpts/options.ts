/** Options of a devpts mount (parse_mount_options and devpts_show_options of fs/devpts/inode.c). */
import { EINVAL, S_IALLUGO } from '@lsmkit/abi'
import { make_kgid, make_kuid } from '@lsmkit/core'
import type { UserNamespace } from '@lsmkit/core'

/** NR_UNIX98_PTY_MAX. */
const MOST_PTYS = 1 << 20

export interface DevptsOptions {
  /** null: the owner is the task that opens the terminal. */
  uid: number | null
  gid: number | null
  mode: number
  ptmxmode: number
  /** How many terminals the instance may have. */
  max: number
}

const DECIMAL = /^\d{1,10}$/
const OCTAL = /^[0-7]{1,11}$/

const number = (text: string | undefined, form: RegExp): number =>
  text !== undefined && form.test(text) ? Number.parseInt(text, form === OCTAL ? 8 : 10) : -1

const setOption = (own: DevptsOptions, option: string, user_ns: UserNamespace): boolean => {
  const [key, text] = option.split(/=(.*)/s)
  const decimal = number(text, DECIMAL)
  const octal = number(text, OCTAL)
  switch (key) {
    case 'uid': return decimal >= 0 && (own.uid = make_kuid(user_ns, decimal)) >= 0
    case 'gid': return decimal >= 0 && (own.gid = make_kgid(user_ns, decimal)) >= 0
    case 'mode': return octal >= 0 && (own.mode = octal & S_IALLUGO) >= 0
    case 'ptmxmode': return octal >= 0 && (own.ptmxmode = octal & S_IALLUGO) >= 0
    case 'max': return decimal >= 0 && (own.max = decimal) <= MOST_PTYS
    default: return option === 'newinstance'
  }
}

export const newOptions = (): DevptsOptions => ({ uid: null, gid: null, mode: 0o600, ptmxmode: 0, max: MOST_PTYS })

/** As in the kernel, options before a wrong one take effect, and missing ones get their defaults, also in a remount. */
export const parseOptions = (own: DevptsOptions, data: string | null, user_ns: UserNamespace): number => {
  Object.assign(own, newOptions())
  const options = (data ?? '').split(',').filter((option) => option !== '')
  return options.every((option) => setOption(own, option, user_ns)) ? 0 : -EINVAL
}

const octalText = (mode: number): string => mode.toString(8).padStart(3, '0')

export const optionsText = ({ uid, gid, mode, ptmxmode, max }: DevptsOptions): string =>
  `${uid === null ? '' : `,uid=${uid}`}${gid === null ? '' : `,gid=${gid}`},mode=${octalText(mode)}` +
  `,ptmxmode=${octalText(ptmxmode)}${max < MOST_PTYS ? `,max=${max}` : ''}`
