/** `lsm order ARGS…`: which LSMs of a kernel come up, and in which order, for given boot arguments. */
import { bootArguments, DEFAULT_CONFIG_LSM, kernelLog, orderLsms } from '@lsmkit/core/order'
import type { Order, OrderRecord } from '@lsmkit/core/order'
import { didYouMean } from '@lsmkit/core/did-you-mean'
import type { Profile } from '@lsmkit/core'
import { CommandError } from '../command-error.ts'
import { printJson } from '../output.ts'
import type { Output } from '../output.ts'

/** The LSMs of the kernel in link order, all built in; the same in every release that stacks follow. */
const kernelRecords: readonly OrderRecord[] = [
  { name: 'capability', order: 'first' },
  { name: 'selinux', legacyMajor: true, exclusive: true, enabled: true },
  { name: 'smack', legacyMajor: true, exclusive: true },
  { name: 'tomoyo', legacyMajor: true, enabled: true },
  { name: 'apparmor', legacyMajor: true, exclusive: true, enabled: true },
  { name: 'yama' },
  { name: 'loadpin' },
  { name: 'safesetid' },
  { name: 'lockdown', early: true },
  { name: 'bpf' },
  { name: 'landlock' },
  { name: 'ima', order: 'last' },
  { name: 'evm', order: 'last' },
  { name: 'ipe' },
]

export interface OrderOptions {
  readonly config?: string
  readonly without?: string
  readonly json?: boolean
  readonly debug?: boolean
  readonly kernel?: Profile
}

/** `args` are boot arguments, one or several to a word: `lsm=smack,bpf`, `selinux=0`. */
export const orderCommand = (out: Output, args: readonly string[], options: OrderOptions): void => {
  const { kernel = '6.12', debug = false, json = false } = options
  if (debug && kernel === '7.3') {
    throw new CommandError('usage', '--debug prints the words of 6.12, and 7.3 has others', 'leave out --kernel')
  }
  const left = new Set(options.without?.split(',') ?? [])
  const built = kernelRecords.filter(({ name }) => !left.has(name))
  const own = built.filter(({ enabled }) => enabled !== undefined).map(({ name }) => name)
  const { enabled: switches, lsmParam, securityParam } = bootArguments(args.join(' '), own)
  const records = built.map((record) => ({
    ...record, enabled: switches.get(record.name) ?? record.enabled ?? null,
  }))
  const order = orderLsms(records, { lsmParam, securityParam, configLsm: options.config ?? DEFAULT_CONFIG_LSM })
  if (json) return printJson(out, { kernel, ...order })
  for (const what of ignored(args, order, { lsmParam, securityParam }, own)) out.note(`ignored: ${what}`)
  if (debug) for (const event of order.events) out.print(`LSM: ${kernelLog(event)}`)
  if (debug) out.print(`LSM: ${order.initializing}`)
  out.print(order.lsmFile)
}

type Chosen = Pick<ReturnType<typeof bootArguments>, 'lsmParam' | 'securityParam'>

/** Arguments and names that changed nothing, and why. */
const ignored = (
  args: readonly string[], order: Order, { lsmParam, securityParam }: Chosen, switches: readonly string[],
): string[] => {
  const words = args.join(' ').split(/\s+/).filter((word) => word !== '')
  const isKnown = (word: string): boolean => {
    const name = word.split('=')[0]!
    return name === 'lsm' || name === 'security' || name === 'lsm.debug' || switches.includes(name)
  }
  return [
    ...words.filter((word) => !isKnown(word)).map((word) => `\`${word}\`, which is not an argument of the order`),
    ...(order.securityParamIgnored ? [`\`security=${securityParam}\`, as \`lsm=\` is given`] : []),
    ...order.events.flatMap((event) => {
      if (event.kind === 'unknown' && event.name !== '' && event.by === 'cmdline') return [unknownName(event.name)]
      if (event.kind === 'exclusive' && event.name !== event.chosen && lsmParam?.split(',').includes(event.name)) {
        return [`\`${event.name}\`: \`${event.chosen}\` is exclusive too, and came first`]
      }
      return []
    }),
  ]
}

/** Early modules are there, and no list can name them. */
const unknownName = (name: string): string => {
  const known = kernelRecords.map((record) => record.name)
  if (known.includes(name)) return `\`${name}\`: it is early or not built in, and no list can name it`
  const hint = didYouMean(name, known)
  return `\`${name}\`: no module has that name${hint === undefined ? '' : ` (${hint})`}`
}
