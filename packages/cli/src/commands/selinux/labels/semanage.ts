/** `lsm selinux semanage POLICY CHANGES…`: lists local changes, and writes a policy and file_contexts with them. */
import { applyLocalChanges, equivalencesText, localFileContextsText, mappingOf } from '@lsmkit/selinux/labels'
import type { LocalChanges } from '@lsmkit/selinux/labels'
import { writePolicy } from '@lsmkit/selinux/policydb'
import type { Policydb } from '@lsmkit/selinux/policydb'
import type { Io } from '../../../io.ts'
import { EXIT, printJson } from '../../../output.ts'
import { writeFiles } from '../../../output-files.ts'
import type { OutputFile } from '../../../output-files.ts'
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

const outputs = (changes: LocalChanges, policy: Policydb, { output, fileContexts }: SemanageFlags): OutputFile[] => [
  ...(output === undefined ? [] : [{ name: output, contents: writePolicy(policy) }]),
  ...(fileContexts === undefined ? []
    : [{ name: fileContexts, contents: localFileContextsText(changes, policy.mls) }]),
  ...(fileContexts === undefined || changes.equivalences.size === 0 ? []
    : [{ name: fileContexts.replace(/(\.local)?$/, '.subs'), contents: equivalencesText(changes) }]),
]

/** Checks the changes against the policy, whatever is asked for. */
export const semanageCommand = (io: Io, name: string, files: readonly string[], flags: SemanageFlags): number =>
  withCommandErrors(() => withLabelsErrors(() => {
    const changes = localChanges(io, files)
    const policy = applyLocalChanges(policyOf(io, name), changes)
    writeFiles(io, outputs(changes, policy, flags))
    const login = flags.login === undefined ? undefined
      : mappingOf([...changes.logins.values()], flags.login, flags.group)
    if (flags.json === true) printJson(io, { ...document(changes), ...(login === undefined ? {} : { mapping: login }) })
    else if (login !== undefined) {
      io.print(login === null ? 'no mapping' : `${login.seuser}${login.range === null ? '' : `:${login.range}`}`)
    } else for (const [kind, size] of changes.sizes) if (size > 0) io.print(`${kind}: ${size}`)
    return login === null ? EXIT.denied : EXIT.ok
  }))
