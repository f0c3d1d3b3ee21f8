import { capability } from '@lsmkit/capability'
import { createStack } from '@lsmkit/core'
import { landlock } from '@lsmkit/landlock'
import { selinux } from '@lsmkit/selinux'
import { compileCil } from '@lsmkit/selinux/cil'
import { writePolicy } from '@lsmkit/selinux/policydb'
import { smack } from '@lsmkit/smack'
import { equal } from '../equal.mjs'

const TINY = `
  (mls true) (class process (fork)) (classorder (process)) (type a_t) (allow a_t a_t (process (fork)))
  (role object_r) (role a_r) (roletype a_r a_t) (user a) (userrole a a_r) (userrole a object_r)
  (userlevel a (s0)) (userrange a ((s0) (s0))) (sensitivity s0) (sensitivityorder (s0)) (category c0)
  (categoryorder (c0)) (sensitivitycategory s0 (c0)) (sid kernel) (sidorder (kernel))
  (sidcontext kernel (a a_r a_t ((s0) (s0))))`

export default () => {
  const smacked = createStack({ lsms: [capability(), smack(), landlock()] })
  equal(smacked.names.includes('smack') && smacked.names.includes('landlock'), true)
  equal(createStack({ lsms: [capability(), selinux()] }).names.includes('selinux'), true)
  equal(writePolicy(compileCil([{ name: 'tiny.cil', text: TINY }]).policy).length > 0, true)
}
