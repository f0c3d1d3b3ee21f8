/** From the LSMs and options of a stack to what ordering takes. */
import { bootArguments, DEFAULT_CONFIG_LSM, orderLsms } from '../order.ts'
import type { Order } from '../order.ts'
import type { Lsm } from '../define-lsm.ts'
import type { BlobKind } from '../hooks/hook-types.ts'

export interface OrderOptions {
  readonly lsms: readonly Lsm[]
  readonly cmdline?: string
  readonly config?: string
  readonly exclusive?: 'allow'
}

/** The order, with its inputs: `explain()` shows it. */
export interface StackOrder extends Order {
  readonly configLsm: string
  readonly lsmParam: string | null
  readonly securityParam: string | null
  /** Names put behind the default CONFIG_LSM because it does not have them. */
  readonly appended: readonly string[]
}

export const orderStack = ({ lsms, cmdline = '', config, exclusive }: OrderOptions): StackOrder => {
  const { enabled, lsmParam, securityParam } = bootArguments(cmdline, lsms.filter(hasVariable).map(({ name }) => name))
  const appended = config === undefined && lsmParam === null ? unknownToKernel(lsms) : []
  const configLsm = config ?? [DEFAULT_CONFIG_LSM, ...appended].join(',')
  const records = lsms.map((lsm) => ({
    name: lsm.name,
    order: lsm.order,
    early: lsm.early,
    legacyMajor: lsm.legacyMajor,
    exclusive: lsm.exclusive,
    enabled: enabled.get(lsm.name) ?? lsm.enabled,
    blobs: { ...blobSizes(lsm), xattr_count: lsm.xattrs },
  }))
  const order = orderLsms(records, { configLsm, lsmParam, securityParam, exclusive: exclusive ?? 'one' })
  return { ...order, configLsm, lsmParam, securityParam, appended }
}

const hasVariable = (lsm: Lsm): boolean => lsm.enabled !== null

/** Those that only a list can enable and the kernel's own does not, in the order of the array. */
const unknownToKernel = (lsms: readonly Lsm[]): string[] => {
  const known = DEFAULT_CONFIG_LSM.split(',')
  const added = lsms.filter(({ name, order, early }) => order === 'mutable' && !early && !known.includes(name))
  return added.map(({ name }) => name)
}

const blobSizes = (lsm: Lsm): Partial<Record<BlobKind, number>> =>
  Object.fromEntries(Object.entries(lsm.blobs).map(([kind, accessor]) => [kind, accessor?.size ?? 0]))
