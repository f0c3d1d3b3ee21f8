/** Modes, versions and numbers: enforce, status, policyvers, avc statistics. */
import type { PseudoFile } from '@lsmkit/core'
import { setEnforcing } from '../policy-control.ts'
import type { RetiredFile } from '../release.ts'
import { initialSidNames } from '../server/sid-table.ts'
import type { Selinux } from '../state.ts'
import { guarded, mayDo, numberWrite, readOnly, saysRetired, scanInt, scanUnsigned, writer } from './file.ts'

/** SELINUX_KERNEL_STATUS_VERSION. */
const STATUS_VERSION = 1

/**
 * `struct selinux_kernel_status`: what programs map to see changes without a system call. It counts from the first open
 * on.
 */
const statusPage = (selinux: Selinux): Uint8Array => {
  const { sequence, policyload } = (selinux.status ??= { sequence: 0, policyload: 0 })
  const { avc, server } = selinux
  const words = [STATUS_VERSION, sequence, Number(avc.enforcing), policyload, Number(!server.allowUnknown)]
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

const modeFiles = (selinux: Selinux): PseudoFile[] => {
  const { server, avc, release } = selinux
  return [
    {
      name: 'enforce',
      mode: 0o644,
      read: () => String(Number(avc.enforcing)),
      write: numberWrite(scanInt, (value) => {
        const enforcing = value !== 0
        if (enforcing === avc.enforcing) return 0
        const refused = mayDo(selinux, 'setenforce')
        if (refused === 0) setEnforcing(selinux, enforcing)
        return refused
      }),
    },
    {
      name: 'status',
      mode: 0o444,
      mappable: true,
      open() {
        statusPage(selinux)
        return 0
      },
      read: () => statusPage(selinux),
    },
    readOnly('policyvers', () => String(release.policyVersion)),
    readOnly('mls', () => String(Number(server.mlsEnabled))),
    readOnly('deny_unknown', () => String(Number(!server.allowUnknown))),
    readOnly('reject_unknown', () => String(Number(server.rejectUnknown))),
  ]
}

/** What may be written and changes nothing any more; kernels before 7.3 still read a number from `checkreqprot`. */
const idleFiles = (selinux: Selinux): PseudoFile[] => {
  const retired = (name: RetiredFile): PseudoFile['write'] => {
    const say = saysRetired(selinux, name)
    return (_io, { length }) => {
      say()
      return length
    }
  }
  const checked = guarded(selinux, 'setcheckreqprot', numberWrite(scanUnsigned, (value) => {
    if (value !== 0) selinux.printk(`${writer(selinux)} set checkreqprot to 1. This is no longer supported.`)
    return 0
  }))
  const write = selinux.release.retired.has('checkreqprot') ? retired('checkreqprot') : checked
  return [
    { name: 'checkreqprot', mode: 0o644, read: () => '0', write },
    { name: 'disable', mode: 0o200, write: retired('disable') },
  ]
}

const avcFiles = (selinux: Selinux): PseudoFile[] => {
  const { avc } = selinux
  return [
    {
      name: 'avc/cache_threshold',
      mode: 0o644,
      read: () => String(avc.threshold),
      write: guarded(selinux, 'setsecparam', numberWrite(scanUnsigned, (value) => {
        if (value !== avc.threshold) avc.resize(value)
        return 0
      })),
    },
    readOnly('avc/cache_stats', () => cacheStats(selinux)),
    readOnly('avc/hash_stats', () => hashStats(selinux)),
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

export const statusFiles = (selinux: Selinux): PseudoFile[] =>
  [...modeFiles(selinux), ...idleFiles(selinux), ...avcFiles(selinux), ...initialContexts(selinux)]
