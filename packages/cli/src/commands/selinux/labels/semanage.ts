/** `lsm selinux semanage POLICY CHANGES…`: lists local changes, and writes a policy and file_contexts with them. */
import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { applyLocalChanges, equivalencesText, localFileContextsText, mappingOf } from '@lsmkit/selinux/labels'
import type { LocalChanges } from '@lsmkit/selinux/labels'
import { writePolicy } from '@lsmkit/selinux/policydb'
import { reading } from '../../../host-file.ts'
import type { Io } from '../../../io.ts'
import { EXIT, printJson } from '../../../output.ts'
import { withCommandErrors } from '../errors.ts'
import { policyOf } from '../inputs.ts'
import { localChanges, withLabelsErrors } from '../local.ts'

export interface SemanageFlags {
  readonly output?: string
  readonly fileContexts?: string
  readonly login?: string
  readonly group?: readonly string[]
  readonly json?: boolean
}

const document = (changes: LocalChanges) => ({
  fcontext: [...changes.fileContexts.values()],
  equivalence: [...changes.equivalences.values()],
  boolean: Object.fromEntries(changes.booleans),
  port: [...changes.ports.values()],
  node: Array.from(changes.nodes.values(), ({ address, mask, context }) =>
    ({ address: [...address], mask: [...mask], context })),
  interface: [...changes.interfaces.values()],
  login: [...changes.logins.values()],
  user: [...changes.users.values()],
  prefix: Object.fromEntries(changes.prefixes),
  permissive: [...changes.permissive],
})

const write = (io: Io, name: string | undefined, data: string | Uint8Array): void => {
  if (name !== undefined) reading(name, () => writeFileSync(resolve(io.cwd, name), data), 'written')
}

/** Checks the changes against the policy, whatever is asked for. */
export const semanageCommand = (io: Io, name: string, files: readonly string[], flags: SemanageFlags): number =>
  withCommandErrors(() => withLabelsErrors(() => {
    const changes = localChanges(io, files)
    const policy = applyLocalChanges(policyOf(io, name), changes)
    write(io, flags.output, flags.output === undefined ? '' : writePolicy(policy))
    write(io, flags.fileContexts, localFileContextsText(changes, policy.mls))
    if (changes.equivalences.size > 0 && flags.fileContexts !== undefined) {
      write(io, flags.fileContexts.replace(/(\.local)?$/, '.subs'), equivalencesText(changes))
    }
    const login = flags.login === undefined ? undefined
      : mappingOf([...changes.logins.values()], flags.login, flags.group)
    if (flags.json === true) printJson(io, { ...document(changes), ...(login === undefined ? {} : { mapping: login }) })
    else if (login !== undefined) {
      io.print(login === null ? 'no mapping' : `${login.seuser}${login.range === null ? '' : `:${login.range}`}`)
    } else for (const [kind, size] of changes.sizes) if (size > 0) io.print(`${kind}: ${size}`)
    return login === null ? EXIT.denied : EXIT.ok
  }))
