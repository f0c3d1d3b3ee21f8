/** `lsm order ARGS…`: which LSMs of a kernel come up, and in which order, for given boot arguments. */
import { initLog, kernelLog, linuxModules } from '@lsmkit/core/order'
import type { Order, OrderBoot, OrderRecord } from '@lsmkit/core/order'
import { didYouMean } from '@lsmkit/core/did-you-mean'
import type { Profile } from '@lsmkit/core'
import { linuxBoot } from '../linux-boot.ts'
import { printJson } from '../output.ts'
import type { Output } from '../output.ts'

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
  const { records, boot, order, switches } =
    linuxBoot(args.join(' '), options.config, new Set(options.without?.split(',')))
  if (json) return printJson(out, { kernel, ...order })
  for (const what of ignored(args, order, boot, switches)) out.note(`ignored: ${what}`)
  if (debug) for (const line of debugLines(kernel, records, boot, order)) out.print(`LSM: ${line}`)
  out.print(order.lsmFile)
}

/** Linux 6.19 words the log of lsm.debug anew. */
const debugLines = (kernel: Profile, records: readonly OrderRecord[], boot: OrderBoot, order: Order): string[] =>
  (kernel === '7.3' ? initLog(records, boot) : [...order.events.map(kernelLog), order.initializing])

/** Arguments and names that changed nothing, and why. */
const ignored = (
  args: readonly string[], order: Order, { lsmParam, securityParam }: OrderBoot, switches: readonly string[],
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
  const known = linuxModules.map((record) => record.name)
  if (known.includes(name)) return `\`${name}\`: it is early or not built in, and no list can name it`
  const hint = didYouMean(name, known)
  return `\`${name}\`: no module has that name${hint === null ? '' : ` (${hint})`}`
}
