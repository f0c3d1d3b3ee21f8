/** The policy as a whole: load, policy, booleans and their commit. */
import { EINVAL } from '@lsmkit/abi'
import type { PseudoFile } from '@lsmkit/core'
import { commitBooleans, loadPolicy, recordLoad } from '../policy-control.ts'
import { PolicyError } from '../policydb/errors.ts'
import type { Selinux } from '../state.ts'
import { mayDo, numberWrite, scanInt } from './file.ts'

/** A whole policy in one write: what the kernel cannot take is -EINVAL, and the old one stays. */
const load = (selinux: Selinux, data: Uint8Array): number => {
  try {
    loadPolicy(selinux, data)
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error
    selinux.printk(`SELinux: failed to load policy: ${error.message}`)
    return -EINVAL
  }
  recordLoad(selinux)
  return data.length
}

export const policyFiles = (selinux: Selinux): PseudoFile[] => {
  const { server, pending } = selinux
  /** Undefined of one that went with the policy before: its file may still be open. */
  const valueOf = (boolean: string) => server.booleans().find(({ name }) => name === boolean)?.value
  const maySetBooleans = (): number => mayDo(selinux, 'setbool')
  return [
    {
      name: 'load',
      mode: 0o600,
      write: ({ pos }, data) =>
        pos !== 0 || data.length === 0 ? -EINVAL : mayDo(selinux, 'load_policy') || load(selinux, data),
    },
    {
      name: 'policy',
      mode: 0o444,
      mappable: true,
      open(io) {
        const refused = mayDo(selinux, 'read_policy')
        if (refused !== 0) return refused
        const image = server.policyImage()
        if (typeof image === 'number') return image
        io.state = image
        return 0
      },
      read: ({ state }) => mayDo(selinux, 'read_policy') || (state as Uint8Array),
    },
    {
      name: 'commit_pending_bools',
      mode: 0o200,
      write: numberWrite(scanInt, (value) => (value === 0 ? 0 : commitBooleans(selinux)), maySetBooleans),
    },
    ...server.booleans().map(({ name }): PseudoFile => ({
      name: `booleans/${name}`,
      mode: 0o644,
      read() {
        const now = valueOf(name)
        return now === undefined ? -EINVAL : `${Number(now)} ${Number(pending.get(name) ?? now)}`
      },
      write: numberWrite(scanInt, (given) => {
        if (valueOf(name) === undefined) return -EINVAL
        pending.set(name, given !== 0)
        return 0
      }, maySetBooleans),
    })),
  ]
}
