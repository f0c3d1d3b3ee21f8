import { createStack } from '@lsmkit/core'
import { expect, test } from 'vitest'
import { compileCil } from '../cil/index.ts'
import { AV, SECCLASS } from '../class-map.ts'
import { selinux as selinuxLsm } from '../lsm.ts'
import { writePolicy } from '../policydb/index.ts'
import { releaseOf } from '../release.ts'
import { SecurityServer } from '../server/security-server.ts'
import { smallPolicyBytes, smallPolicySource } from '../testing/small-policy.ts'
import { Avc } from './avc.ts'
import { comparePolicy } from './beside.ts'
import type { RefusedBeside } from './beside.ts'

const FILE = SECCLASS.file
const CHR_FILE = SECCLASS.chr_file
const XPERM_IOCTL = 1
const nothing = ['nothing', null] as const

const compiled = (text: string): Uint8Array =>
  writePolicy(compileCil([{ name: 'small.cil', text }], { version: 34 }).policy)
const without = (rule: string): Uint8Array => {
  expect(smallPolicySource).toContain(rule)
  return compiled(smallPolicySource.replace(rule, ''))
}

const made = () => {
  const release = releaseOf('6.12')
  const server = new SecurityServer()
  server.setClassMap(release.classes, release.policyCapabilities)
  server.load(smallPolicyBytes())
  const avc = new Avc(server, () => {}, true)
  const found: RefusedBeside[] = []
  const beside = (policy: Uint8Array) => comparePolicy({ server, release, avc }, policy, (one) => void found.push(one))
  const sid = (type: string, role = 'object_r', user = 'system_u') => server.contextToSid(`${user}:${role}:${type}:s0`)
  return { server, avc, found, beside, sid, user: sid('user_t', 'user_r', 'joe') }
}
const texts = (found: readonly RefusedBeside[]): string[] =>
  found.map(({ tclass, permissions, reason }) => `${tclass} ${permissions.join(' ')} ${reason}`)

const narrower = (): Uint8Array =>
  compiled(smallPolicySource.replace('home_t (file (read write create open getattr))', 'home_t (file (read open))'))

test('a permission that is taken away is granted, and reported at each use until it ends', () => {
  const { avc, found, beside, sid, user } = made()
  const end = beside(narrower())
  const ask = (perm: number): number => avc.hasPerm(user, sid('home_t'), FILE, perm, ...nothing)
  for (let n = 0; n < 2; n += 1) {
    expect([ask(AV.file.read), ask(AV.file.write), ask(AV.file.unlink)]).toEqual([0, 0, -13])
  }
  expect(avc.hasPermNoAudit(user, sid('home_t'), FILE, AV.file.write | AV.file.read)).toBe(0)
  expect(avc.hasPermNoAudit(user, sid('home_t'), FILE, AV.file.write | AV.file.unlink)).toBe(-13)
  expect(avc.hasPermUnless(user, sid('home_t'), FILE, AV.file.getattr, 0, ...nothing)).toBe(0)
  expect(texts(found)).toEqual(['write', 'write', 'write', 'getattr'].map((perm) => `file ${perm} no-rule`))
  expect(found[0]).toMatchObject({ scontext: 'joe:user_r:user_t:s0', tcontext: 'system_u:object_r:home_t:s0' })
  end()
  expect([ask(AV.file.read), ask(AV.file.write), avc.beside]).toEqual([0, 0, null])
  expect(found).toHaveLength(4)
})

test('commands of a permission are asked too', () => {
  const { avc, found, beside, sid, user } = made()
  beside(without(' 0x8901'))
  const ask = (driver: number, command: number): number =>
    avc.hasExtendedPerms(user, sid('tty_t'), CHR_FILE, AV.chr_file.ioctl, driver, XPERM_IOCTL, command, ...nothing)
  expect([ask(0x54, 1), ask(0x89, 1), ask(0x89, 0x10), ask(0x66, 1)]).toEqual([0, 0, 0, -13])
  expect(texts(found)).toEqual(['chr_file ioctl no-rule'])
})

test('booleans are those in force, a context may be unknown, and what a listener throws is dropped', () => {
  const { server, avc, found, beside, sid, user } = made()
  const ask = (type: string, perm = AV.file.read): number => avc.hasPerm(user, sid(type), FILE, perm, ...nothing)
  beside(smallPolicyBytes())
  server.setBooleans({ user_reads_secrets: true })
  avc.flush()
  expect([ask('secret_t'), texts(found)]).toEqual([0, []])
  beside(compiled(smallPolicySource.replaceAll('home_t', 'house_t')))
  expect([ask('home_t'), texts(found)]).toEqual([0, ['file read no-context']])
  const end = comparePolicy({ server, avc, release: releaseOf('6.12') }, narrower(), () => {
    throw new Error('full')
  })
  expect(ask('home_t', AV.file.write)).toBe(0)
  end()
})

test('no answer differs by the policy beside', () => {
  const [plain, asked] = [made(), made()]
  asked.beside(narrower())
  const types = ['user_t', 'child_t', 'tester_t', 'init_t', 'home_t', 'etc_t', 'secret_t', 'tty_t']
  const answersOf = ({ avc, sid, user }: ReturnType<typeof made>, enforcing: boolean): number[] => {
    avc.enforcing = enforcing
    avc.flush()
    return [user, sid('tester_t')].flatMap((source) => types.flatMap((type) => [FILE, CHR_FILE].flatMap((tclass) =>
      Array.from({ length: 20 }, (_, bit) => [1 << bit, 3 << bit].flatMap((perms) => [
        avc.hasPerm(source, sid(type), tclass, perms, ...nothing), avc.hasPermNoAudit(source, sid(type), tclass, perms),
      ])).flat())))
  }
  const answers = (of: ReturnType<typeof made>) => [true, false].flatMap((enforcing) => answersOf(of, enforcing))
  const all = answers(plain)
  expect(answers(asked)).toEqual(all)
  expect(new Set(all)).toEqual(new Set([0, -13]))
  expect(asked.found.length).toBeGreaterThan(0)
})

test('the policy beside is loaded as the one in force is, also where it could not be enforced', () => {
  const { server, avc, found } = made()
  const selinux = { server, avc, release: releaseOf('6.12') }
  const newer = compiled(smallPolicySource)
  const refused = expect.objectContaining({ name: 'PolicyError' })
  expect(() => comparePolicy(selinux, newer, () => {}, '6.12')).toThrow(refused)
  expect(avc.beside).toBeNull()
  comparePolicy(selinux, newer, (one) => void found.push(one))()
  expect(found).toEqual([])
  const lsm = selinuxLsm({ kernelExact: '6.12' })
  const stack = createStack({ lsms: [lsm], capability: 'none' })
  expect(() => lsm.compare(newer, () => {})).toThrow(refused)
  expect(() => stack.beside(() => {}).ask('selinux', newer)).toThrow(refused)
})
