/**
 * Mount options of tmpfs about quotas: which kinds are kept, and the hard limits every id begins with. Linux has them
 * since 6.6 with CONFIG_TMPFS_QUOTA, which Debian's kernel is built without.
 */
import { EINVAL, ENOPARAM, GRPQUOTA, USRQUOTA } from '@lsmkit/abi'
import type { HardLimits, Quotas } from '../../state/vfs/quota.ts'
import { QuotaKind } from '../../state/vfs/quota.ts'
import { parseSize } from './sizes.ts'

/** By kind. */
export type QuotaLimits = readonly [HardLimits, HardLimits]
export const NO_LIMITS: QuotaLimits = [{ block: 0, inode: 0 }, { block: 0, inode: 0 }]

const LARGEST = 2 ** 63
const KINDS: Readonly<Record<string, readonly number[]>> = {
  quota: [USRQUOTA, GRPQUOTA], usrquota: [USRQUOTA], grpquota: [GRPQUOTA],
}
const LIMITS: Readonly<Record<string, readonly [type: 0 | 1, of: keyof HardLimits]>> = {
  usrquota_block_hardlimit: [USRQUOTA, 'block'],
  grpquota_block_hardlimit: [GRPQUOTA, 'block'],
  usrquota_inode_hardlimit: [USRQUOTA, 'inode'],
  grpquota_inode_hardlimit: [GRPQUOTA, 'inode'],
}

export class QuotaOptions {
  readonly kinds = new Set<number>()
  limits: QuotaLimits = NO_LIMITS

  get wanted(): boolean {
    return this.kinds.size > 0
  }

  /** Takes one option: 0, -ENOPARAM for one that is about something else, -EINVAL. */
  parse(key: string, text: string | null, isInitial: boolean): number {
    const kinds = Object.hasOwn(KINDS, key) ? KINDS[key]! : null
    if (kinds !== null) {
      if (text !== null || !isInitial) return -EINVAL
      for (const kind of kinds) this.kinds.add(kind)
      return 0
    }
    const place = Object.hasOwn(LIMITS, key) ? LIMITS[key]! : null
    if (place === null) return -ENOPARAM
    const value = text === null ? null : parseSize(text)
    if (value === null || value === 0 || value >= LARGEST) return -EINVAL
    const [type, of] = place
    const next: [HardLimits, HardLimits] = [...this.limits]
    next[type] = { ...next[type], [of]: value }
    this.limits = next
    return 0
  }

  /** For a new super block; null when no kind is kept. */
  make(): Quotas | null {
    if (!this.wanted) return null
    const kind = (type: 0 | 1): QuotaKind | null => (this.kinds.has(type) ? new QuotaKind(this.limits[type]) : null)
    return [kind(USRQUOTA), kind(GRPQUOTA)]
  }

  /** A remount may repeat the options of the mount, but not change them. */
  mayRemount(quotas: Quotas | null, limits: QuotaLimits): boolean {
    if (this.wanted && (quotas === null || (quotas[0] === null && quotas[1] === null))) return false
    const same = (a: number, b: number): boolean => a === 0 || a === b
    return this.limits.every(({ block, inode }, i) => same(block, limits[i]!.block) && same(inode, limits[i]!.inode))
  }
}

/** For /proc/mounts. */
export const quotaOptionsText = (quotas: Quotas | null, limits: QuotaLimits): string => {
  let text = (quotas?.[USRQUOTA] ? ',usrquota' : '') + (quotas?.[GRPQUOTA] ? ',grpquota' : '')
  for (const [name, [type, of]] of Object.entries(LIMITS))
    if (limits[type][of] !== 0) text += `,${name}=${limits[type][of]}`
  return text
}
