/** `struct lsm_prop` for those who know one number: which part belongs to a module. */
import type { LsmContextText, LsmProp } from './release-hook-defs.ts'

/** As `lsmprop_init` leaves it. */
export const emptyProp = (): LsmProp =>
  ({ selinux: { secid: 0 }, smack: { skp: null }, apparmor: { label: null }, bpf: { secid: 0 } })

/** As `lsmprop_init`. */
export const clearProp = (prop: LsmProp): void => {
  prop.selinux.secid = 0
  prop.smack.skp = null
  prop.apparmor.label = null
  prop.bpf.secid = 0
  prop.others?.clear()
}

/** The number of one module; 0 for one that has set none. */
export const secidIn = (prop: LsmProp, lsm: string): number => {
  switch (lsm) {
    case 'selinux': return prop.selinux.secid
    case 'smack': return prop.smack.skp?.secid ?? 0
    case 'apparmor': return prop.apparmor.label?.secid ?? 0
    case 'bpf': return prop.bpf.secid
    default: return prop.others?.get(lsm) ?? 0
  }
}

export const setSecid = (prop: LsmProp, lsm: string, secid: number): void => {
  switch (lsm) {
    case 'selinux':
      prop.selinux.secid = secid
      return
    case 'smack':
      prop.smack.skp = { secid }
      return
    case 'apparmor':
      prop.apparmor.label = { secid }
      return
    case 'bpf':
      prop.bpf.secid = secid
      return
    default:
      (prop.others ??= new Map<string, number>()).set(lsm, secid)
  }
}

/** The first number that a module has set, in the order of the structure; 0 if there is not any. */
export const anySecid = ({ selinux, smack, apparmor, bpf, others }: LsmProp): number =>
  selinux.secid || (smack.skp?.secid ?? 0) || (apparmor.label?.secid ?? 0) || bpf.secid ||
  ([...others?.values() ?? []].find((secid) => secid !== 0) ?? 0)

/** A `struct lsm_context` that holds nothing. */
export const emptyContext = (): LsmContextText => ({ context: null, len: 0, id: 0 })
