/** Patterns in genfscon and netifcon, by the capability of the policy and by what the kernel knows. */
import { expect, test } from 'vitest'
import { kernelClasses } from '../class-map.ts'
import { policycapNames } from '../policydb/constants.ts'
import { Ebitmap } from '../policydb/ebitmap.ts'
import { readPolicy, writePolicy } from '../policydb/index.ts'
import { releaseOf } from '../release.ts'
import { testPolicy } from '../testing/policy.ts'
import { SecurityServer } from './security-server.ts'

const context = (type: string): string => `(u object_r ${type} ((s0) (s0)))`
const plain = testPolicy(`(genfscon sysfs "/" ${context('d_t')}) (genfscon sysfs "/*/power" ${context('http_t')})
(netifcon "eth?" ${context('near_t')} ${context('near_t')})`)
const wild = (() => {
  const policy = readPolicy(plain)
  const bits = ['netif_wildcard', 'genfs_seclabel_wildcard'].map((name) => policycapNames.indexOf(name))
  policy.policycaps = Ebitmap.of([...policy.policycaps, ...bits])
  return writePolicy(policy)
})()

const labels = (policy: Uint8Array, capabilities: readonly string[] | null): unknown[] => {
  const server = new SecurityServer()
  server.setClassMap(kernelClasses, capabilities)
  server.load(policy)
  const type = (sid: number): string => String(server.sidToContext(sid)).split(':')[2]!
  return [
    type(server.genfsSid('sysfs', '/cpu/power', 7)), type(server.genfsSid('sysfs', '/cpu', 7)),
    type(server.netifSid('eth0')),
  ]
}

test.each([
  ['without the capabilities paths are beginnings', plain, null, ['d_t', 'd_t', 'netif_t']],
  ['with them patterns match as a whole', wild, null, ['http_t', 'unlabeled_t', 'near_t']],
  ['6.12 does not know them', wild, releaseOf('6.12').policyCapabilities, ['d_t', 'd_t', 'netif_t']],
  ['6.18 does', wild, releaseOf('6.18').policyCapabilities, ['http_t', 'unlabeled_t', 'near_t']],
])('%s', (_name, policy, capabilities, expected) => {
  expect(labels(policy, capabilities)).toEqual(expected)
})
