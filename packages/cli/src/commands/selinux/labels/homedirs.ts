/** `lsm selinux homedirs`: file_contexts.homedirs from templates, users and accounts, as genhomedircon writes it. */
import { join } from 'node:path'
import { applyLocalChanges, homedirContexts, policyForHomes } from '@lsmkit/selinux/labels'
import { CommandError } from '../../../command-error.ts'
import { readHostText } from '../../../host-file.ts'
import type { Io } from '../../../io.ts'
import { EXIT, printJson, printLines } from '../../../output.ts'
import { writeFile } from '../../../output-files.ts'
import { withCommandErrors } from '../errors.ts'
import { policyOf, serverOf } from '../inputs.ts'
import { localChanges, withLabelsErrors } from '../local.ts'

export interface HomedirFlags {
  readonly fileContexts?: string
  readonly template?: string
  readonly store?: string
  readonly seusers?: string
  readonly usersExtra?: string
  readonly passwd?: string
  readonly group?: string
  readonly shells?: string
  readonly home?: readonly string[]
  readonly ignore?: readonly string[]
  readonly uidMin?: number
  readonly uidMax?: number
  readonly local?: readonly string[]
  readonly output?: string
  readonly json?: boolean
}

/** Files of a store by the options that they stand for. */
const storeFiles = {
  fileContexts: 'file_contexts', template: 'homedir_template', seusers: 'seusers', usersExtra: 'users_extra',
} as const

const textsOf = (io: Io, flags: HomedirFlags) => {
  const text = (name: string | undefined): string | undefined => name === undefined ? undefined : readHostText(io, name)
  const of = (key: keyof typeof storeFiles): string | undefined =>
    text(flags[key] ?? (flags.store === undefined ? undefined : join(flags.store, storeFiles[key])))
  const fileContexts = of('fileContexts')
  const seusers = of('seusers')
  if (fileContexts === undefined || seusers === undefined) {
    throw new CommandError('usage', `there is no ${fileContexts === undefined ? 'file_contexts' : 'seusers'}`,
      '--file-contexts and --seusers, or --store with the folder of a policy store')
  }
  return {
    fileContexts, seusers, template: of('template'), usersExtra: of('usersExtra'), passwd: text(flags.passwd),
    group: text(flags.group), shells: text(flags.shells)?.split('\n').filter((line) => line.startsWith('/')),
  }
}

/** Fields that are there. */
const defined = <T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as never

/** Prints the text, or writes it to `output`. Users without an account are notes on stderr. */
export const homedirsCommand = (io: Io, name: string, flags: HomedirFlags): number =>
  withCommandErrors(() => withLabelsErrors(() => {
    const former = policyOf(io, name)
    const changes = localChanges(io, flags.local, flags.store)
    const policy = applyLocalChanges(former, changes)
    const texts = textsOf(io, flags)
    const server = serverOf(policyForHomes(former, changes))
    const seusers = [...texts.seusers.split('\n').filter((line) => !changes.logins.has(line.split(':')[0] ?? '')),
      ...Array.from(changes.logins.values(), ({ login, seuser, range }) =>
        `${login}:${seuser}${range === null ? '' : `:${range}`}`)].join('\n')
    const usersExtra = [texts.usersExtra ?? '',
      ...Array.from(changes.prefixes, ([user, prefix]) => `user ${user} prefix ${prefix};`)].join('\n')
    const { text, roots, warnings } = homedirContexts(policy, {
      ...defined({ ...texts, homes: flags.home, ignored: flags.ignore, uidMin: flags.uidMin, uidMax: flags.uidMax }),
      seusers, usersExtra, isValid: (context) => server.contextToSid(context) > 0,
    })
    for (const warning of warnings) io.note(`lsm: ${warning}`)
    const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#')).length
    if (flags.output !== undefined) writeFile(io, flags.output, text)
    if (flags.json === true) printJson(io, { text, roots, warnings, lines })
    else if (flags.output === undefined) printLines(io, text.trimEnd())
    else io.print(`${flags.output}: ${lines} lines, homes in ${roots.join(', ') || 'no place'}`)
    return EXIT.ok
  }))
