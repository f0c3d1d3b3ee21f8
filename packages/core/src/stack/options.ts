/** What `createStack` takes. */
import type { AuditOptions, AuditSink } from '../audit/options.ts'
import type { Lsm } from '../define-lsm.ts'
import { ComposeError, didYouMean } from '../errors.ts'
import type { StrategyName } from '../dispatch/strategy.ts'
import type { Profile } from '../lsm-context.ts'
import type { Objects } from '../objects/factories.ts'

export interface StackOptions {
  /** In link order: `lsm=` and CONFIG_LSM order what they name, this decides among the rest. */
  readonly lsms: readonly Lsm[]
  /** Boot arguments: `lsm=…`, `security=…`, and `NAME=0` for LSMs with an enabled variable. */
  readonly cmdline?: string
  /** CONFIG_LSM. Unless given: the kernel's list, then the names of `lsms` that it does not know. */
  readonly config?: string
  readonly profile?: Profile
  readonly dispatch?: StrategyName
  /** Says that nobody shall check capabilities: without an LSM on the hook `capable` all are granted. */
  readonly capability?: 'none'
  /** Leaves every exclusive LSM on: not the kernel's rule. */
  readonly exclusive?: 'allow'
  readonly onFault?: 'deny' | 'throw'
  readonly kernelExact?: boolean
  /** How kernel objects lie in memory; plain fields unless given. */
  readonly objects?: Objects
  readonly audit?: AuditOptions
  /** A first sink: given every record. */
  readonly onAudit?: AuditSink
}

const choices = {
  profile: ['6.12', '6.18'],
  dispatch: ['swap', 'list', 'static-key', 'krsi-v4'],
  capability: ['none'],
  exclusive: ['allow'],
  onFault: ['deny', 'throw'],
} as const

const others = ['lsms', 'cmdline', 'config', 'kernelExact', 'objects', 'audit', 'onAudit']

const refuse = (code: 'bad-option' | 'unknown-option', message: string, hint: string | null = null): ComposeError =>
  new ComposeError(code, message, { place: 'createStack', hint })

export const checkStackOptions = (options: StackOptions): void => {
  if (typeof options !== 'object' || options === null) throw refuse('bad-option', '`createStack` takes one object')
  const known = [...Object.keys(choices), ...others]
  for (const [key, value] of Object.entries(options)) {
    if (!known.includes(key)) throw refuse('unknown-option', `there is no option \`${key}\``, didYouMean(key, known))
    const allowed: readonly string[] | undefined = choices[key as keyof typeof choices]
    if (allowed && value !== undefined && !allowed.includes(value)) {
      throw refuse('bad-option', `\`${key}\` is \`${String(value)}\``, `one of ${allowed.join(', ')}`)
    }
  }
  if (!Array.isArray(options.lsms)) throw refuse('bad-option', '`lsms` is not an array', 'createStack({ lsms: [capability()] })')
}
