/** A kernel of Linux with all LSMs, booted with some arguments: which of them come up, and in which order. */
import { bootArguments, DEFAULT_CONFIG_LSM, linuxModules, orderLsms } from '@lsmkit/core/order'
import type { Order, OrderBoot, OrderRecord } from '@lsmkit/core/order'

export interface LinuxBoot {
  readonly records: readonly OrderRecord[]
  readonly boot: OrderBoot
  readonly order: Order
  /** LSMs that have an argument of their own: `selinux=0`. */
  readonly switches: readonly string[]
}

/** `config`: CONFIG_LSM, default the kernel's own. `without`: LSMs that are not built in. */
export const linuxBoot = (
  args: string, config = DEFAULT_CONFIG_LSM, without: ReadonlySet<string> = new Set(),
): LinuxBoot => {
  const built = linuxModules.filter(({ name }) => !without.has(name))
  const switches = built.filter(({ enabled }) => enabled !== undefined).map(({ name }) => name)
  const { enabled, lsmParam, securityParam } = bootArguments(args, switches)
  const records = built.map((record) => ({ ...record, enabled: enabled.get(record.name) ?? record.enabled ?? null }))
  const boot = { lsmParam, securityParam, configLsm: config }
  return { records, boot, order: orderLsms(records, boot), switches }
}
