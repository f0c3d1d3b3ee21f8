/** apparmorfs as a program sees it: folders, links, modes and answers are those of Linux 6.12.118. */
import {
  EACCES, EAGAIN, EINVAL, ENODEV, ENOENT, EPERM, errnoName, O_CREAT, O_NONBLOCK, O_RDONLY, O_RDWR, O_WRONLY,
} from '@lsmkit/abi'
import { writePolicy } from '@lsmkit/apparmor/policydb'
import { compileProfiles, kernelFeatures } from '@lsmkit/apparmor/profile'
import { Kstat } from '@lsmkit/kernel'
import { expect, test } from 'vitest'
import { fileOperations } from './operations/files.ts'
import { makeWorld, startActor } from './world.ts'
import type { World } from './world.ts'

const compiled = (source: string): Uint8Array => {
  const text = new TextEncoder().encode(source)
  const files = { read: (path: string) => (path === 'p' ? text : null), list: () => null }
  return writePolicy(compileProfiles('p', { files, features: kernelFeatures('6.12') }).binary)
}

const A = '/sys/kernel/security/apparmor'
const P = `${A}/policy`
const PARAMETERS = '/sys/module/apparmor/parameters'

class Shell {
  readonly world: World

  constructor() {
    this.world = makeWorld(new Map(), 0, [])
    startActor(this.world, 0)
  }

  /** What an operation of the recordings answers: its result, or the name of its error. */
  do(op: string, ...args: string[]): string {
    const [rc, result = ''] = fileOperations[op]!(this.world, this.world.actors.get(0)!, args)
    return rc < 0 ? errnoName(rc) : result.trim()
  }

  ls(path: string): string {
    return this.do('getdents', path)
  }

  /** The text without the end of its line. */
  cat(path: string): string {
    return this.do('cat', path).replace(/%0A$/, '')
  }

  put(path: string, data: Uint8Array | string): number {
    const { kernel: { sys }, actors } = this.world
    const { task } = actors.get(0)!
    const fd = sys.open(task, path, O_WRONLY, 0)
    if (fd < 0) return fd
    const rc = sys.write(task, fd, typeof data === 'string' ? new TextEncoder().encode(data) : data)
    sys.close(task, fd)
    return Math.min(rc, 0)
  }

  open(path: string, flags: number): number {
    return Math.min(this.world.kernel.sys.open(this.world.actors.get(0)!.task, path, flags, 0o600), 0)
  }

  stat(path: string): Kstat {
    const stat = new Kstat()
    this.world.kernel.sys.stat(this.world.actors.get(0)!.task, path, stat)
    return stat
  }
}

const first = compiled('profile rep { /a r, }')
const second = compiled('profile rep { /b r, }')
const family = compiled('profile par { /a r, profile kid { /a r, } ^hat { /a r, } }')
const orphan = compiled('profile par//kid { /a r, }')

const ofNamespace = '.load .remove .replace namespaces profiles raw_data revision'

test('policy/ has a folder for each profile and each write', () => {
  const sh = new Shell()
  expect([sh.ls(P), sh.ls(`${P}/profiles`), sh.ls(`${P}/raw_data`)]).toEqual([ofNamespace, '', ''])
  sh.put(`${A}/.load`, first)
  expect([sh.ls(`${P}/profiles`), sh.ls(`${P}/raw_data`)]).toEqual(['rep.#0', '0'])
  sh.put(`${A}/.replace`, second)
  expect([sh.ls(`${P}/profiles`), sh.ls(`${P}/raw_data`)]).toEqual(['rep.#0', '1'])
  const folder = `${P}/profiles/rep.0`
  expect(sh.ls(folder)).toBe('attach mode name raw_abi raw_data raw_sha256 sha256')
  expect(['name', 'mode', 'attach', 'raw_abi'].map((name) => sh.cat(`${folder}/${name}`)))
    .toEqual(['rep', 'enforce', 'rep', 'v7'])
  expect([sh.do('readlink', `${folder}/raw_sha256`), sh.ls(`${P}/raw_data/1`)])
    .toEqual(['../../raw_data/1/sha256', 'abi compressed_size raw_data revision sha256'])
  expect([sh.stat(`${P}/raw_data/1/raw_data`).size, sh.cat(`${P}/raw_data/1/revision`)]).toEqual([second.length, '2'])
  sh.put(`${A}/.remove`, 'rep')
  expect([sh.ls(`${P}/profiles`), sh.ls(`${P}/raw_data`), sh.cat(`${folder}/name`)]).toEqual(['', '', 'ENOENT'])
})

test('children lie in the folder of their parent, which has to be there', () => {
  const sh = new Shell()
  expect(sh.put(`${A}/.load`, orphan)).toBe(-ENOENT)
  expect(sh.world.log.at(-1)).toContain('operation="profile_load" info="failed to create" error=-2')
  sh.put(`${A}/.load`, family)
  expect([sh.ls(`${P}/profiles`), sh.ls(`${P}/profiles/par.0/profiles`)]).toEqual(['par.#0', 'hat.#0 kid.#1'])
  expect(sh.do('readlink', `${P}/profiles/par.0/profiles/kid.2/raw_abi`)).toBe('../../../../raw_data/0/abi')
  for (const child of ['par//kid', 'par//hat']) sh.put(`${A}/.remove`, child)
  expect([sh.ls(`${P}/profiles/par.0/profiles`), sh.stat(`${P}/profiles/par.0`).nlink]).toEqual(['', 3])
})

test('namespaces are made by mkdir and removed by rmdir, and nothing else is', () => {
  const sh = new Shell()
  const inside = (name: string): string => `${P}/namespaces/${name}`
  expect(['foo', 'foo', '.x', 'a b'].map((name) => sh.do('mkdir', inside(name), '0700')))
    .toEqual(['', 'EEXIST', '', ''])
  expect([sh.ls(inside('foo')), sh.stat(inside('foo')).mode & 0o777]).toEqual([ofNamespace, 0o700])
  expect(sh.put(`${inside('foo')}/.load`, first)).toBe(0)
  expect([sh.ls(`${inside('foo')}/profiles`), sh.cat(`${A}/profiles`)]).toEqual(['rep.#0', ':foo:rep (enforce)'])
  const refused: readonly (readonly [op: string, ...args: string[]])[] = [
    ['mkdir', `${P}/profiles/x`, '0755'], ['rmdir', `${P}/profiles`], ['rmdir', `${inside('foo')}/profiles/rep.0`],
    ['unlink', `${P}/revision`], ['rename', inside('foo'), inside('bar')], ['symlink', 'x', inside('l')],
    ['link', `${P}/revision`, inside('l')],
  ]
  for (const [op, ...args] of refused) expect([op, sh.do(op, ...args)]).toEqual([op, errnoName(-EPERM)])
  expect(sh.open(inside('file'), O_CREAT | O_WRONLY)).toBe(-EACCES)
  expect([sh.do('rmdir', inside('foo')), sh.do('rmdir', inside('foo')), sh.cat(`${A}/profiles`)])
    .toEqual(['', errnoName(-ENOENT), ''])
  sh.put(`${PARAMETERS}/lock_policy`, 'Y')
  expect([sh.do('mkdir', inside('late'), '0755'), sh.do('rmdir', inside('.x'))]).toEqual(['EACCES', 'EACCES'])
  expect(sh.world.log.at(-1)).toContain('operation="profile_load" info="policy_locked" error=-13')
})

test('a task in a namespace sees that one, and manages no other but by mkdir', () => {
  const sh = new Shell()
  sh.put(`${A}/.load`, first)
  sh.do('mkdir', `${P}/namespaces/foo`, '0755')
  expect(sh.put('/proc/self/attr/current', 'changeprofile :foo:unconfined')).toBe(0)
  expect([sh.ls(P), sh.ls(`${P}/..`), sh.ls(`${P}/../../profiles`)]).toEqual([ofNamespace, 'foo', 'rep.#0'])
  expect(['.ns_name', '.ns_level', 'profiles'].map((name) => sh.cat(`${A}/${name}`))).toEqual(['foo', '1', ''])
  expect([sh.put(`${A}/.load`, second), sh.ls(`${P}/profiles`), sh.cat(`${A}/profiles`)])
    .toEqual([0, 'rep.#0', 'rep (enforce)'])
  expect(sh.put(`${P}/../../.load`, family)).toBe(-EACCES)
  expect(sh.world.log.at(-1)).toContain('info="not policy admin" error=-13 namespace="root//foo" profile="unconfined"')
  expect(['bar', '../../../namespaces/up'].map((name) => sh.do('mkdir', `${P}/namespaces/${name}`, '0755')))
    .toEqual(['', ''])
  expect([sh.ls(`${P}/namespaces`), sh.ls(`${P}/..`)]).toEqual(['bar', 'foo up'])
  expect([sh.do('rmdir', `${P}/../foo`), sh.cat('/proc/self/attr/current'), sh.cat(`${A}/.ns_name`)])
    .toEqual(['', 'unconfined', 'root'])
})

test('nobody can mount it, and its names have no path', () => {
  const sh = new Shell()
  const { kernel: { sys }, actors } = sh.world
  const { task } = actors.get(0)!
  expect(sys.mount(task, 'x', '/t', 'apparmorfs', 0, null)).toBe(-ENODEV)
  expect(sh.do('readlink', P)).toMatch(/^apparmorfs:\[\d+\]$/)
  sys.chdir(task, P)
  const buf = new Uint8Array(64)
  const length = sys.readlink(task, '/proc/self/cwd', buf)
  expect(new TextDecoder().decode(buf.subarray(0, length))).toBe('/')
})

test('.null can be opened, and not used', () => {
  const sh = new Shell()
  const { mode, rdev } = sh.stat(`${A}/.null`)
  expect([mode & 0o777, rdev, sh.open(`${A}/.null`, O_RDWR)]).toEqual([0o666, (1 << 8) | 3, 0])
  expect([sh.cat(`${A}/.null`), sh.put(`${A}/.null`, 'x')]).toEqual(['EACCES', -EACCES])
})

test('readers of revision wait for the next', () => {
  const sh = new Shell()
  const { kernel: { sys }, actors } = sh.world
  const { task } = actors.get(0)!
  const fd = sys.open(task, `${A}/revision`, O_RDONLY | O_NONBLOCK, 0)
  const buf = new Uint8Array(9)
  const read = (): string | number => {
    const got = sys.read(task, fd, buf)
    return got < 0 ? got : new TextDecoder().decode(buf.subarray(0, got))
  }
  expect(read()).toBe(-EAGAIN)
  sh.put(`${A}/.load`, first)
  expect([read(), read()]).toEqual(['1\n', -EAGAIN])
  sh.put(`${A}/.replace`, second)
  expect([read(), read()]).toEqual(['2\n', -EAGAIN])
})

/** What the folder of a profile shows when checksums and raw data are switched off and on. */
test('parameters hash_policy and export_binary', () => {
  const sh = new Shell()
  const set = (value: string, ...names: string[]): void => {
    for (const name of names) expect(sh.put(`${PARAMETERS}/${name}`, value)).toBe(0)
  }
  const plain = 'attach mode name'
  const links = 'raw_abi raw_data raw_sha256'
  const ls = (): string => sh.ls(`${P}/profiles/rep.0`)
  set('0', 'hash_policy', 'export_binary')
  sh.put(`${A}/.load`, first)
  expect([ls(), sh.ls(`${P}/raw_data`)]).toEqual([plain, ''])
  set('1', 'hash_policy', 'export_binary')
  sh.put(`${A}/.replace`, second)
  expect([ls(), sh.ls(`${P}/raw_data`)]).toEqual([`${plain} ${links}`, '1'])
  set('0', 'export_binary')
  sh.put(`${A}/.replace`, first)
  expect([ls(), sh.ls(`${P}/raw_data`), sh.do('readlink', `${P}/profiles/rep.0/raw_abi`)])
    .toEqual([`${plain} ${links}`, '', 'ENOENT'])
})

const parameters: readonly (readonly [name: string, mode: number, shown: string, set: string, after: string])[] = [
  ['audit', 0o600, 'normal', 'quiet', 'quiet'],
  ['audit_header', 0o600, 'Y', '0', 'N'],
  ['debug', 0o600, 'N', 'y', 'Y'],
  ['enabled', 0o444, 'Y', '0', 'Y'],
  ['export_binary', 0o600, 'Y', 'off', 'N'],
  ['hash_policy', 0o600, 'Y', 'n', 'N'],
  ['lock_policy', 0o600, 'N', 'on', 'Y'],
  ['logsyscall', 0o600, 'N', '1', 'Y'],
  ['mode', 0o600, 'enforce', 'complain', 'complain'],
  ['paranoid_load', 0o444, 'Y', '0', 'Y'],
  ['path_max', 0o400, '8192', '4096', '8192'],
  ['rawdata_compression_level', 0o400, '0', '3', '0'],
]

test.each(parameters)('parameter %s', (name, mode, shown, set, after) => {
  const sh = new Shell()
  const path = `${PARAMETERS}/${name}`
  expect([sh.stat(path).mode & 0o777, sh.cat(path)]).toEqual([mode, shown])
  sh.put(path, set)
  expect(sh.cat(path)).toBe(after)
})

test('a word is written without the end of a line', () => {
  const sh = new Shell()
  expect(['mode', 'audit'].map((name) => sh.put(`${PARAMETERS}/${name}`, `${name === 'mode' ? 'kill' : 'all'}\n`)))
    .toEqual([-EINVAL, -EINVAL])
})

test('settings in /proc/sys/kernel are numbers for who administrates policy', () => {
  const sh = new Shell()
  const names = [
    'apparmor_display_secid_mode', 'apparmor_restrict_unprivileged_unconfined', 'unprivileged_userns_apparmor_policy',
  ]
  const paths = names.map((name) => `/proc/sys/kernel/${name}`)
  expect(paths.map((path) => [sh.stat(path).mode & 0o777, sh.cat(path)]))
    .toEqual([[0o600, '0'], [0o600, '0'], [0o600, '1']])
  expect(paths.map((path) => [sh.put(path, '-5'), sh.cat(path)])).toEqual([[0, '-5'], [0, '-5'], [0, '-5']])
  sh.put(`${PARAMETERS}/lock_policy`, 'Y')
  expect(paths.map((path) => [sh.put(path, '1'), sh.cat(path)])).toEqual(paths.map(() => [-EPERM, 'EPERM']))
})

test('without audit_header a record does not begin with its type', () => {
  const sh = new Shell()
  sh.put(`${PARAMETERS}/audit_header`, 'N')
  sh.put(`${A}/.load`, first)
  sh.put(`${A}/.load`, first)
  const why = 'info="profile can not be replaced" error=-17'
  expect(sh.world.log.map((text) => text.replace(/ pid=.*/, ''))).toEqual([
    ' operation="profile_load" profile="unconfined" name="rep"',
    ` operation="profile_replace" ${why} profile="unconfined" name="rep"`,
  ])
})
