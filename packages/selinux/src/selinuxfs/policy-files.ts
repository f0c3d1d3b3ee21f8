/** The policy as a whole: load, policy, booleans and their commit. */
import { EBUSY, EINVAL } from '@lsmkit/abi'
import type { PseudoFile } from '@lsmkit/core'
import { commitBooleans, loadPolicy, recordLoad } from '../policy-control.ts'
import { PolicyError } from '../policydb/errors.ts'
import type { Selinux } from '../state.ts'
import { mayDo, numberWrite } from './file.ts'

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
  let opened = false
  return [
    {
      name: 'load',
      mode: 0o600,
      write({ pos }, data) {
        const refused = mayDo(selinux, 'load_policy')
        if (refused !== 0) return refused
        return pos !== 0 || data.length === 0 ? -EINVAL : load(selinux, data)
      },
    },
    {
      name: 'policy',
      mode: 0o444,
      open(io) {
        const refused = mayDo(selinux, 'read_policy')
        if (refused !== 0) return refused
        if (opened) return -EBUSY
        const image = server.policyImage()
        if (typeof image === 'number') return image
        opened = true
        io.state = image
        return 0
      },
      read: ({ state }) => mayDo(selinux, 'read_policy') || (state as Uint8Array),
      release(io) {
        opened &&= io.state === null
      },
    },
    {
      name: 'commit_pending_bools',
      mode: 0o200,
      write: numberWrite(selinux, 'setbool', (value) => (value === 0 ? 0 : commitBooleans(selinux))),
    },
    ...server.booleans().map(({ name, value }): PseudoFile => ({
      name: `booleans/${name}`,
      mode: 0o644,
      read: () => {
        const now = server.booleans().find((each) => each.name === name)?.value ?? value
        return `${Number(now)} ${Number(pending.get(name) ?? now)}`
      },
      write: numberWrite(selinux, 'setbool', (given) => {
        pending.set(name, given !== 0)
        return 0
      }),
    })),
  ]
}
