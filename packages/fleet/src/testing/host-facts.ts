/** A host that bundles of tests are verified for. */
import type { HostFacts } from '../bundle/verify.ts'

export const hostFacts = (): HostFacts => ({
  os: 'linux', arch: 'x64', node: '22.1.0', lsmkit: '0.1.0', features: ['fast'],
  versionOf: (name) => (name.startsWith('@lsmkit/') ? '0.1.0' : null),
})
