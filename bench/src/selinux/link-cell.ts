/** A module of a daemon onto a whole binary policy: read, linked with its assertions, written. Time of the thread. */
import { linkModules } from '@lsmkit/selinux/module'
import { readPolicy, writePolicy } from '@lsmkit/selinux/policydb'
import type { Policydb } from '@lsmkit/selinux/policydb'
import type { Cell } from '../harness/cell.ts'
import { readData } from './data.ts'

export interface LinkArgs {
  readonly policy: string
}

const NEW_TYPES = 2

/** A domain with the attributes of daemons that the policy has: a made policy has none of them. */
const moduleFor = ({ types, classes, commons }: Policydb): string => {
  const known = new Set(types.items.map(({ name }) => name))
  const joins = (type: string, names: readonly string[]): string[] =>
    names.filter((name) => known.has(name)).map((name) => `(typeattributeset ${name} (${type}))`)
  const tclass = classes.items.find(({ name }) => name === 'file') ?? classes.items[0]!
  const common = commons.items.find(({ name }) => name === tclass.common)
  const [first, second] = [...common?.permissions.items ?? [], ...tclass.permissions.items]
  return [
    '(type own_t) (roletype system_r own_t) (type own_exec_t) (roletype object_r own_exec_t)',
    ...joins('own_t', ['domain', 'daemon']),
    ...joins('own_exec_t', ['file_type', 'exec_type', 'entry_type', 'non_security_file_type']),
    `(allow own_t own_exec_t (${tclass.name} (${first!.name})))`,
    `(neverallow own_exec_t own_t (${tclass.name} (${second!.name})))`,
  ].join('\n')
}

export const cell = ({ policy }: LinkArgs): Cell => {
  const bytes = readData(`${policy}.policy`)
  const timed = (): number => {
    const before = process.threadCpuUsage()
    const base = readPolicy(bytes)
    const linked = linkModules(base, [{ name: 'own.cil', text: moduleFor(base) }])
    writePolicy(linked.policy)
    const more = linked.policy.types.nprim - base.types.nprim
    if (more !== NEW_TYPES) throw new Error(`the policy has ${more} types more`)
    const { user, system } = process.threadCpuUsage(before)
    return (user + system) * 1000
  }
  const first = timed()
  return {
    pass: timed,
    ask: {
      /** Nanoseconds of the processor for the first module of the process. */
      first: () => first,
    },
  }
}
