/** How often anybody walks: directories that are looked at, counted on a tree of plain objects. */
import { S_IFDIR, S_IFREG } from '@lsmkit/abi'
import { createStack, defineLsm } from '@lsmkit/core'
import type { Dentry, Inode, VfsMount } from '@lsmkit/core'
import { describe, expect, test } from 'vitest'
import { defineBlobs } from './blobs.ts'
import { DomainLog } from './domain-log.ts'
import { Domain } from './domain.ts'
import { NamedInodes } from './named-inodes.ts'
import { Places } from './places.ts'
import { RuleTable } from './rule-table.ts'
import { refusalsByWalk } from './walk.ts'

const READ = 4

const aTree = () => {
  const blobs = defineBlobs()
  const lsm = defineLsm({ name: 'places', abi: '1.0', blobs, hooks: {} })
  const stack = createStack({ lsms: [lsm], capability: 'none' })
  const held: Inode[] = []
  const memory = { charge: () => true, release: () => {} }
  const topology = { version: 0 }
  const named = new NamedInodes({
    topology, ihold: (inode) => void held.push(inode), iput: (inode) => void held.splice(held.indexOf(inode), 1),
    account: () => memory, unix_peer: () => null, isAbstract: () => false, pid_task: () => null,
    processOf: (task) => task,
  }, blobs.superblock)
  const { cred } = stack.current.task
  const sb = stack.objects.super_block(1, { name: 'tmpfs', fs_flags: 0 }, cred.user_ns)
  stack.lsm.sb_alloc_security.ask(sb)
  let ino = 0
  const add = (name: string, parent: Dentry | null, mode = S_IFDIR): Dentry => {
    const dentry = stack.objects.dentry({ name, len: name.length }, sb)
    const inode = stack.objects.inode(mode | 0o755, sb, ++ino)
    stack.lsm.inode_alloc_security.ask(inode)
    dentry.d_inode = inode
    dentry.d_parent = parent
    return dentry
  }
  const root = add('/', null)
  const mnt: VfsMount = {
    mnt_root: root, mnt_sb: sb, mnt_flags: 0, mnt_idmap: { uid_map: [], gid_map: [] }, mnt_parent: null,
    mnt_mountpoint: null, mnt_devname: 'none',
  }
  const deep = ['a', 'b', 'c', 'd', 'e'].reduce((at, name) => add(name, at), root)
  const file = add('f', deep, S_IFREG)
  const ctx = { audit: { untrusted: (text: string) => text }, current: stack.current, host: {} }
  const domain = (parent: Domain | null, at: Dentry | null): Domain => {
    const rules = RuleTable.create(named)!
    if (at !== null) rules.grantInode(blobs.inode(at.d_inode!), READ)
    const flags = { sameExec: true, newExec: false, isLogged: true }
    const quiet = { fs: 0, net: 0, scope: 0 }
    const log = new DomainLog(1, flags, ctx as never)
    return new Domain(parent, { handled: { ...quiet, fs: READ }, quiet }, rules, memory, log)
  }
  return { blobs, held, topology, root, mnt, deep, file, add, domain, places: new Places(blobs.inode, topology) }
}

describe('directories that are looked at', () => {
  test('all on the way the first time, none the second, whatever the layers', () => {
    const { places, domain, root, mnt, file, deep, add } = aTree()
    let top: Domain | null = null
    for (let layer = 0; layer < 16; layer++) top = domain(top, root)
    expect(places.refusals(top!, { mnt, dentry: file }).granted & READ).toBe(READ)
    expect(places.misses).toBe(6)
    places.refusals(top!, { mnt, dentry: file })
    places.refusals(top!, { mnt, dentry: add('g', deep, S_IFREG) })
    places.refusals(top!, { mnt, dentry: deep })
    expect(places.misses).toBe(6)
    places.refusals(top!, { mnt, dentry: add('new', deep) })
    expect(places.misses).toBe(7)
  })

  test('four domains take turns without a walk, and so do others after the tree has changed', () => {
    const { places, domain, root, mnt, file, topology } = aTree()
    const domains = Array.from({ length: 4 }, () => domain(null, root))
    const askAll = () => domains.forEach((one) => places.refusals(one, { mnt, dentry: file }))
    askAll()
    expect(places.misses).toBe(24)
    askAll()
    expect(places.misses).toBe(24)
    topology.version++
    askAll()
    askAll()
    expect(places.misses).toBe(48)
  })

  test('a hundred thousand levels are no recursion', () => {
    const { places, domain, mnt, root, add, blobs } = aTree()
    let at = root
    for (let i = 0; i < 100_000; i++) at = add('d', at)
    const one = domain(null, root)
    const walked = refusalsByWalk(blobs.inode, one, { mnt, dentry: at })
    expect(places.refusals(one, { mnt, dentry: at }).granted).toBe(walked.granted)
  })

  test('without a kernel that tells of changes nothing is remembered', () => {
    const { blobs, domain, root, mnt, file, deep } = aTree()
    const places = new Places(blobs.inode, null)
    const one = domain(null, deep)
    expect(places.refusals(one, { mnt, dentry: file }).granted & READ).toBe(READ)
    deep.d_parent = root
    file.d_parent = root
    expect(places.refusals(one, { mnt, dentry: file }).granted & READ).toBe(0)
  })
})

test('rules hold their inodes until the last table that names them ends', () => {
  const { domain, root, deep, held } = aTree()
  const first = domain(null, root)
  const second = domain(first, deep)
  expect(held).toEqual([root.d_inode, deep.d_inode])
  first.put()
  expect(held).toHaveLength(2)
  second.put()
  expect(held).toEqual([])
})
