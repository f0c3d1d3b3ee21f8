/** Contexts of objects that have no label of their own. */
import { Text } from './byte-writer.ts'
import { POLICYDB_VERSION_INFINIBAND } from './constants.ts'
import type { Genfs, Node, Policydb } from './policydb.ts'
import { writeContext } from './write-mls.ts'
import type { Target } from './write-symbols.ts'

export type Ocontexts = Readonly<Pick<Policydb, 'initialSids' | 'fsContexts' | 'ports' | 'netifs' | 'nodes' | 'fsUses' |
  'nodes6' | 'ibPkeys' | 'ibEndports'>>

export const writeOcontexts = ({ w, version, drop }: Target, policy: Ocontexts): void => {
  w.list(policy.initialSids, ({ sid, context }) => {
    w.u32(sid)
    writeContext(w, context)
  })
  w.list(policy.fsContexts, ({ name, fs, file }) => {
    w.string(name)
    writeContext(w, fs)
    writeContext(w, file)
  })
  w.list(policy.ports, ({ protocol, low, high, context }) => {
    w.u32(protocol)
    w.u32(low)
    w.u32(high)
    writeContext(w, context)
  })
  w.list(policy.netifs, ({ name, interface: own, packet }) => {
    w.string(name)
    writeContext(w, own)
    writeContext(w, packet)
  })
  const node = ({ address, mask, context }: Node): void => {
    w.raw(address)
    w.raw(mask)
    writeContext(w, context)
  }
  w.list(policy.nodes, node)
  w.list(policy.fsUses, ({ behavior, name, context }) => {
    w.u32(behavior)
    w.string(name)
    writeContext(w, context)
  })
  w.list(policy.nodes6, node)
  if (version < POLICYDB_VERSION_INFINIBAND) {
    const lost = policy.ibPkeys.length + policy.ibEndports.length
    if (lost > 0) drop(`${lost} contexts of InfiniBand`)
    return
  }
  w.list(policy.ibPkeys, ({ subnetPrefix, low, high, context }) => {
    w.raw(subnetPrefix)
    w.u32(low)
    w.u32(high)
    writeContext(w, context)
  })
  w.list(policy.ibEndports, ({ name, port, context }) => {
    const text = new Text(name)
    w.u32(text.length)
    w.u32(port)
    w.text(text)
    writeContext(w, context)
  })
}

export const writeGenfs = ({ w }: Target, genfs: readonly Genfs[]): void =>
  w.list(genfs, ({ fstype, paths }) => {
    w.string(fstype)
    w.list(paths, ({ path, tclass, context }) => {
      w.string(path)
      w.u32(tclass)
      writeContext(w, context)
    })
  })
