/** The inputs to damage: our small policy and its source, contexts, file contexts, lines of logs. */
import { smallPolicyBytes, smallPolicySource } from '../testing/small-policy.ts'
import { auditLinesTarget } from './fuzz-audit-lines.ts'
import { cilTarget } from './fuzz-cil.ts'
import { labelsTarget } from './fuzz-labels.ts'
import { linkTarget, storeTarget } from './fuzz-modules.ts'
import { toolsTarget } from './fuzz-tools.ts'
import { queryTarget } from './fuzz-query.ts'
import { contextTarget, fileContextsTarget, policyTarget } from './fuzz-server.ts'
import { sourceTarget } from './fuzz-source.ts'
import { fileContextSourceTarget, interfacesTarget } from './fuzz-source-files.ts'

const contexts = [
  'joe:user_r:user_t:s0', 'system_u:system_r:init_t:s0-s2:c0,c1', 'joe:object_r:home_t:s0',
  'joe:object_r:secret_t:s1:c0.c3,c5', 'joe:user_r:child_t:s0-s1:c1',
]

const lines = `
/.*                        default
/etc/.*                    etc
/etc/passwd            --  passwd
/usr/lib(64)?/.*\\.so(\\.[^/]*)*  --  lib
/home/[^/]+/\\.ssh(/.*)?    ssh
/usr/(.*/)?bin(/.*)?       bin
/tmp/.*                    <<none>>
/var/(run|lock)/[a-z]+     run
`

const policy = policyTarget(smallPolicyBytes(), contexts)
const query = queryTarget(smallPolicyBytes())

export const targets = {
  'audit-lines': auditLinesTarget(),
  cil: cilTarget(smallPolicySource),
  'module-link': linkTarget(smallPolicyBytes()),
  'module-store': storeTarget(),
  contexts: contextTarget(smallPolicyBytes(), contexts),
  'file-contexts': fileContextsTarget(lines),
  labels: labelsTarget(smallPolicyBytes()),
  source: sourceTarget,
  'source-if': interfacesTarget,
  'source-fc': fileContextSourceTarget,
  tools: toolsTarget(smallPolicyBytes()),
  /** Loaded by a server, and asked of. */
  policydb: { make: policy.make, attempt: (input: Uint8Array) => policy.attempt(input) && query.attempt(input) },
}
