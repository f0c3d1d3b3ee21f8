/** Rules: an item of twelve bytes each, or of forty-two with extended permissions. */
import { Avtab } from './avtab.ts'
import type { ByteReader } from './byte-reader.ts'
import {
  AVTAB_AV, AVTAB_ENABLED, AVTAB_TYPE, AVTAB_XPERMS, AVTAB_XPERMS_NLMSG, POLICYDB_VERSION_XPERMS_IOCTL,
} from './constants.ts'
import type { Limits } from './read-mls.ts'

const ITEM = 12

const readXperms = (r: ByteReader) => {
  const kind = r.u8('extended permissions')
  const driver = r.u8('extended permissions')
  if (kind < 1 || kind > AVTAB_XPERMS_NLMSG) r.fail('bad-value', `extended permissions of kind ${kind}`, null, r.at - 2)
  const bits = new Uint32Array(8)
  for (let i = 0; i < bits.length; i++) bits[i] = r.u32('extended permissions')
  return { kind, driver, bits }
}

/** Throws unless exactly one kind of rule is said, one that a kernel policy can have. */
const checkSpecified = (r: ByteReader, specified: number, xperms: boolean, at: number): void => {
  const kind = specified & ~AVTAB_ENABLED
  if (kind === 0 || (kind & (kind - 1)) !== 0 || (kind & ~(AVTAB_AV | AVTAB_TYPE | AVTAB_XPERMS)) !== 0) {
    r.fail('bad-value', `a rule of kind 0x${specified.toString(16)}`, null, at + 6)
  }
  if ((kind & AVTAB_XPERMS) !== 0 && !xperms) {
    r.fail('bad-value', 'extended permissions are not of this version or place', null, at + 6)
  }
}

/** `xpermsSince`: the first version in which extended permissions may stand here. */
export const readAvtab = (
  r: ByteReader, version: number, limits: Limits, what: string, xpermsSince = POLICYDB_VERSION_XPERMS_IOCTL,
): Avtab => {
  const count = r.count(ITEM, what)
  const rules = new Avtab(count)
  const { types, classes } = limits
  const { view } = r
  for (let i = 0; i < count; i++) {
    const at = r.at
    if (r.remaining < ITEM) r.need(ITEM, what)
    const source = view.getUint16(at, true)
    const target = view.getUint16(at + 2, true)
    const tclass = view.getUint16(at + 4, true)
    const specified = view.getUint16(at + 6, true)
    r.at = at + 8
    if (source === 0 || source > types || target === 0 || target > types || tclass === 0 || tclass > classes) {
      r.fail('bad-reference', `a rule of types ${source} and ${target} and class ${tclass}`, null, at)
    }
    checkSpecified(r, specified, version >= xpermsSince, at)
    if ((specified & AVTAB_XPERMS) !== 0) rules.addXperms(source, target, tclass, specified, readXperms(r))
    else {
      const datum = view.getUint32(at + 8, true)
      r.at = at + ITEM
      if ((specified & AVTAB_TYPE) !== 0 && (datum === 0 || datum > types)) {
        r.fail('bad-reference', `a rule gives type ${datum}`, null, at + 8)
      }
      rules.add(source, target, tclass, specified, datum)
    }
  }
  return rules
}
