/** Modes, versions and numbers: enforce, status, policyvers, avc statistics. */
import { EINVAL } from '@lsmkit/abi'
import type { PseudoFile } from '@lsmkit/core'
import { setEnforcing } from '../policy-control.ts'
import { initialSidNames } from '../server/sid-table.ts'
import type { Selinux } from '../state.ts'
import { mayDo, numberWrite, readOnly } from './file.ts'

/** Newest policy that Linux 6.12 loads. */
const POLICYDB_VERSION_MAX = 33
/** SELINUX_KERNEL_STATUS_VERSION. */
const STATUS_VERSION = 1

/** `struct selinux_kernel_status`: what programs map to see changes without a system call. */
const statusPage = ({ status, avc, server }: Selinux): Uint8Array => {
  const denyUnknown = server.loaded && !server.allowUnknown
  const words = [STATUS_VERSION, status.sequence, Number(avc.enforcing), status.policyload, Number(denyUnknown)]
  return new Uint8Array(Uint32Array.from(words).buffer)
}

const cacheStats = ({ avc: { stats } }: Selinux): string => {
  const { lookups, misses, allocations, reclaims, frees } = stats
  return (
    'lookups hits misses allocations reclaims frees\n' +
    `${lookups} ${lookups - misses} ${misses} ${allocations} ${reclaims} ${frees}\n`
  )
}

const hashStats = ({ avc }: Selinux): string => {
  const { entries, used, sets, longest } = avc.occupancy()
  return `entries: ${entries}\nbuckets used: ${used}/${sets}\nlongest chain: ${longest}\n`
}

export const statusFiles = (selinux: Selinux): PseudoFile[] => {
  const { server, avc } = selinux
  return [
    {
      name: 'enforce',
      mode: 0o644,
      read: () => String(Number(avc.enforcing)),
      write: numberWrite(selinux, null, (value) => {
        const enforcing = value !== 0
        if (enforcing === avc.enforcing) return 0
        const refused = mayDo(selinux, 'setenforce')
        if (refused === 0) setEnforcing(selinux, enforcing)
        return refused
      }),
    },
    { name: 'status', mode: 0o444, mappable: true, read: () => statusPage(selinux) },
    readOnly('policyvers', () => String(POLICYDB_VERSION_MAX)),
    readOnly('mls', () => String(Number(server.mlsEnabled))),
    readOnly('deny_unknown', () => String(Number(!server.allowUnknown))),
    readOnly('reject_unknown', () => String(Number(server.rejectUnknown))),
    {
      name: 'checkreqprot',
      mode: 0o644,
      read: () => '0',
      write: numberWrite(selinux, 'setcheckreqprot', (value) => {
        if (value !== 0) selinux.printk('SELinux: checkreqprot set to 1 via selinuxfs. This is no longer supported.')
        return 0
      }),
    },
    {
      name: 'disable',
      mode: 0o200,
      write: numberWrite(selinux, null, (value) => {
        if (value !== 0) selinux.printk('SELinux: runtime disable is not supported, use selinux=0 on the command line')
        return 0
      }),
    },
    {
      name: 'avc/cache_threshold',
      mode: 0o644,
      read: () => String(avc.threshold),
      write: numberWrite(selinux, 'setsecparam', (value) => {
        if (value < 0) return -EINVAL
        if (value !== avc.threshold) avc.resize(value)
        return 0
      }),
    },
    readOnly('avc/cache_stats', () => cacheStats(selinux)),
    readOnly('avc/hash_stats', () => hashStats(selinux)),
    ...initialContexts(selinux),
  ]
}

/** Contexts of the SIDs that the kernel starts with. */
const initialContexts = ({ server }: Selinux): PseudoFile[] =>
  initialSidNames.flatMap((name, sid) => {
    if (sid === 0 || name === undefined || name === null || name === '') return []
    return [readOnly(`initial_contexts/${name}`, () => {
      const text = server.sidToContext(sid)
      return typeof text === 'number' ? text : `${text}\0`
    })]
  })
