import {
  LANDLOCK_ACCESS_FS_READ_DIR, LANDLOCK_ACCESS_FS_READ_FILE, LANDLOCK_ACCESS_FS_REFER, LANDLOCK_ACCESS_FS_WRITE_FILE,
  LANDLOCK_ACCESS_NET_BIND_TCP, LANDLOCK_ACCESS_NET_CONNECT_TCP,
} from '@lsmkit/abi'
import { expect, test } from 'vitest'
import type { Domain } from '../domain.ts'
import { NamedInode } from '../named-inodes.ts'
import type { Ruleset } from '../ruleset.ts'
import { LandlockCoverage } from './index.ts'

const READ = LANDLOCK_ACCESS_FS_READ_FILE
const WRITE = LANDLOCK_ACCESS_FS_WRITE_FILE
const READ_DIR = LANDLOCK_ACCESS_FS_READ_DIR

/** Rulesets and domains as far as they are looked at. */
const aRun = (coverage: LandlockCoverage) => {
  const inodes = ['/data/in', '/data', '/'].map((place) => ({ place, inode: new NamedInode({} as never) }))
  const inodeOf = (place: string): NamedInode => inodes.find((one) => one.place === place)!.inode
  const domain = (
    parent: Domain | null, fs: number, paths: Readonly<Record<string, number>>,
    ports: readonly (readonly number[])[] = [],
  ): Domain => {
    const handled = { fs, net: ports.length === 0 ? 0 : 3, scope: 0 }
    const ruleset = { handled } as unknown as Ruleset
    const rules = { inodes: new Map<NamedInode, number>(), ports: new Map<number, number>() }
    for (const [place, access] of Object.entries(paths)) {
      coverage.addedInode(ruleset, inodeOf(place), place, access)
      rules.inodes.set(inodeOf(place), access)
    }
    for (const [port, access] of ports) {
      coverage.addedPort(ruleset, port!, access!)
      rules.ports.set(port!, access!)
    }
    const made = { parent, handled, rules } as unknown as Domain
    coverage.restricted(ruleset, made)
    return made
  }
  const grant = (of: Domain, rights: number): void => coverage.grantedPath(of, inodes.map(({ inode }) => inode), rights)
  return { domain, grant }
}

test('the nearest rule that grants a right, in each layer that handles it', () => {
  const coverage = new LandlockCoverage()
  const { domain, grant } = aRun(coverage)
  const first = domain(null, READ | READ_DIR, { '/data': READ | READ_DIR, '/': READ | READ_DIR })
  const second = domain(first, READ | WRITE, { '/data/in': WRITE, '/': READ | WRITE })
  grant(second, READ | WRITE)
  expect(coverage.rulesets()).toEqual({ total: 4, used: 3, rulesets: [
    { handled: 'fs.read_file,fs.read_dir', rules: [
      { text: '/data: fs.read_file,fs.read_dir', used: ['fs.read_file'], unused: ['fs.read_dir'] },
      { text: '/: fs.read_file,fs.read_dir', used: [], unused: ['fs.read_file', 'fs.read_dir'] },
    ] },
    { handled: 'fs.write_file,fs.read_file', rules: [
      { text: '/data/in: fs.write_file', used: ['fs.write_file'], unused: [] },
      { text: '/: fs.write_file,fs.read_file', used: ['fs.read_file'], unused: ['fs.write_file'] },
    ] },
  ] })
})

test('ports, and a right that is not handled needs no rule', () => {
  const coverage = new LandlockCoverage()
  const { domain, grant } = aRun(coverage)
  const one = domain(null, READ, { '/': READ | LANDLOCK_ACCESS_FS_REFER },
    [[80, LANDLOCK_ACCESS_NET_BIND_TCP], [443, LANDLOCK_ACCESS_NET_CONNECT_TCP | LANDLOCK_ACCESS_NET_BIND_TCP]])
  grant(one, WRITE)
  coverage.grantedPort(one, 443, LANDLOCK_ACCESS_NET_CONNECT_TCP)
  coverage.grantedPort(one, 22, LANDLOCK_ACCESS_NET_CONNECT_TCP)
  const used = () => coverage.rulesets().rulesets[0]!.rules.map((rule) => rule.used)
  expect(used()).toEqual([[], [], ['net.connect_tcp']])
  grant(one, LANDLOCK_ACCESS_FS_REFER)
  expect(used()[0]).toEqual(['fs.refer'])
})

test('the same ruleset of several runs is one', () => {
  const coverage = new LandlockCoverage()
  for (const rights of [READ, WRITE]) {
    const { domain, grant } = aRun(coverage)
    grant(domain(null, READ | WRITE, { '/data': READ, '/': WRITE }), rights)
  }
  const { domain } = aRun(coverage)
  domain(null, READ, { '/data': READ })
  const { total, used, rulesets } = coverage.rulesets()
  expect({ total, used, rulesets: rulesets.length }).toEqual({ total: 3, used: 2, rulesets: 2 })
})
