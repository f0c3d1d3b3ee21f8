/**
 * Contexts of objects that have no label of their own: initial SIDs, ports, interfaces, nodes, file systems,
 * InfiniBand.
 */
import type { ByteReader } from './byte-reader.ts'
import { POLICYDB_VERSION_INFINIBAND } from './constants.ts'
import type { Context, Genfs, GenfsPath, Node, Policydb } from './policydb.ts'
import { readContext } from './read-mls.ts'
import type { Limits } from './read-mls.ts'

const CONTEXT = 32

type Ocontexts = Pick<
  Policydb,
  'initialSids' | 'fsContexts' | 'ports' | 'netifs' | 'nodes' | 'fsUses' | 'nodes6' | 'ibPkeys' | 'ibEndports'
>

type ContextOf = (what: string) => Context

const list = <T>(r: ByteReader, size: number, what: string, read: () => T): T[] => r.list(r.count(size, what), read)

const readNode = (r: ByteReader, length: number, context: ContextOf): Node => ({
  address: r.take(length, 'address of a node'),
  mask: r.take(length, 'mask of a node'),
  context: context('a node'),
})

/** Ports and keys are 16-bit numbers, low before high. */
const readPair = (r: ByteReader, what: string): { low: number; high: number } => {
  const at = r.at
  const low = r.u32(what)
  const high = r.u32(what)
  if (low > high || high > 0xffff) r.fail('bad-value', `${what}: ${low} to ${high}`, null, at)
  return { low, high }
}

export const readOcontexts = (r: ByteReader, version: number, mls: boolean, limits: Limits): Ocontexts => {
  const context: ContextOf = (what) => readContext(r, mls, limits, what)
  const initialSids = list(
    r, 4 + CONTEXT, 'initial SIDs', () => ({ sid: r.u32('initial SID'), context: context('an initial SID') }),
  )
  const fsContexts = list(r, 4 + 2 * CONTEXT, 'file systems', () => ({
    name: r.string('file system'), fs: context('a file system'), file: context('a file system'),
  }))
  const ports = list(r, 12 + CONTEXT, 'ports', () => ({
    protocol: r.u32('protocol of a port'), ...readPair(r, 'ports'), context: context('a port'),
  }))
  const netifs = list(r, 5 + 2 * CONTEXT, 'interfaces', () => ({
    name: r.string('interface'), interface: context('an interface'), packet: context('an interface'),
  }))
  const nodes = list(r, 8 + CONTEXT, 'nodes', () => readNode(r, 4, context))
  const fsUses = list(r, 9 + CONTEXT, 'file systems in use', () => ({
    behavior: r.u32('behaviour of a file system'), name: r.string('file system'), context: context('a file system'),
  }))
  const nodes6 = list(r, 32 + CONTEXT, 'IPv6 nodes', () => readNode(r, 16, context))
  if (version < POLICYDB_VERSION_INFINIBAND) {
    return { initialSids, fsContexts, ports, netifs, nodes, fsUses, nodes6, ibPkeys: [], ibEndports: [] }
  }
  const ibPkeys = list(r, 16 + CONTEXT, 'partition keys', () => ({
    subnetPrefix: r.take(8, 'subnet prefix'), ...readPair(r, 'partition keys'), context: context('partition keys'),
  }))
  const ibEndports = list(r, 9 + CONTEXT, 'end ports', () => {
    const length = r.u32('end port')
    const port = r.u32('end port')
    if (port === 0 || port > 0xff) r.fail('bad-value', `an end port of number ${port}`, null, r.at - 4)
    return { name: r.text(length, 'end port'), port, context: context('an end port') }
  })
  return { initialSids, fsContexts, ports, netifs, nodes, fsUses, nodes6, ibPkeys, ibEndports }
}

const readGenfsPath = (r: ByteReader, mls: boolean, limits: Limits): GenfsPath => ({
  path: r.string('path of a file system'),
  tclass: r.value(limits.classes, 'class of a path', 0),
  context: readContext(r, mls, limits, 'a path'),
})

export const readGenfs = (r: ByteReader, mls: boolean, limits: Limits): Genfs[] => {
  const at = r.at
  const found = list(r, 9, 'general file systems', () => ({
    fstype: r.string('general file system'),
    paths: list(r, 9 + CONTEXT, 'paths', () => readGenfsPath(r, mls, limits)),
  }))
  if (new Set(found.map(({ fstype }) => fstype)).size < found.length) {
    r.fail('duplicate', 'a general file system is there twice', null, at)
  }
  return found
}
