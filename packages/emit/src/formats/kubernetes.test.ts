import { expect, test } from 'vitest'
import { emit } from '../index.ts'
import { kubernetesFault } from '../testing/kubernetes-fields.ts'
import { randomPolicy } from '../testing/random-policy.ts'
import { wallPolicy } from '../testing/wall-questions.ts'

test('Kubernetes takes what is written', () => {
  const policies = [wallPolicy, ...Array.from({ length: 300 }, (_, at) => randomPolicy(at + 1))]
  for (const policy of policies) expect(kubernetesFault(emit(policy, 'k8s').text)).toBe(null)
})

test.each<[container: object, fault: string]>([
  [{ securityContext: { readOnlyRootFileSystem: true } }, 'securityContext: readOnlyRootFileSystem: not a field'],
  [{ securityContext: { runAsUser: '0' } }, 'securityContext: runAsUser: not from 0 to 2147483647'],
  [{ securityContext: { capabilities: { drop: ['CAP-ALL'] } } },
    'securityContext: capabilities: drop: not a capability without `CAP_`'],
  [{ securityContext: { seccompProfile: { type: 'Localhost' } } },
    'securityContext: seccompProfile: localhostProfile goes with the type Localhost'],
  [{ securityContext: { seccompProfile: { type: 'Localhost', localhostProfile: '../p.json' } } },
    'securityContext: seccompProfile: localhostProfile: not a path below the folder of profiles'],
  [{ securityContext: { privileged: true, allowPrivilegeEscalation: false } },
    'securityContext: privileged containers may gain privileges'],
  [{ resources: { limits: { memory: '1 GB' } } }, 'resources: limits: memory: not a quantity'],
  [{ env: [{ value: 'x' }] }, 'env: name: missing'],
  [{ volumes: [] }, 'volumes: not a field'],
])('%j: %s', (container, fault) => {
  expect(kubernetesFault(JSON.stringify(container))).toBe(fault)
})
