/** What is damaged: our small policy and its source, contexts, file contexts, and what selinuxfs is written. */
import { smallPolicyBytes, smallPolicySource } from '../small-policy.ts'
import { cilAttempt } from './fuzz-cil.ts'
import { queryAttempt } from './fuzz-query.ts'
import { selinuxfsAttempt } from './fuzz-selinuxfs.ts'
import { contextAttempt, fileContextsAttempt, policyAttempt } from './fuzz-server.ts'

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

export const attempts = {
  policy: policyAttempt(smallPolicyBytes(), contexts),
  query: queryAttempt(smallPolicyBytes()),
  context: contextAttempt(smallPolicyBytes(), contexts),
  'file-contexts': fileContextsAttempt(lines),
  cil: cilAttempt(smallPolicySource),
  selinuxfs: selinuxfsAttempt(),
}
