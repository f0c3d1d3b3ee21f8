/** A small policy of SELinux for tests that look at labels. */
import { kernelClassesCil } from '@lsmkit/selinux/classes'
import { compileCil } from '@lsmkit/selinux/cil'
import { writePolicy } from '@lsmkit/selinux/policydb'

const types = ['kernel_t', 'mounter_t', 'user_t', 'dir_t', 'open_t', 'shut_t', 'made_t', 'fs_t', 'unlabeled_t']
/** The context of a type. */
export const context = (type: string): string =>
  `(u ${/kernel|mounter|user/.test(type) ? 'r' : 'object_r'} ${type} ((s0) (s0)))`
const sids = ['kernel', 'security', 'unlabeled', 'fs', 'file', 'file_labels', 'init']
const sidTypes: ReadonlyMap<string, string> = new Map([['kernel', 'kernel_t'], ['init', 'kernel_t'], ['fs', 'fs_t']])
const sidContext = (sid: string): string =>
  `(sid ${sid}) (sidcontext ${sid} ${context(sidTypes.get(sid) ?? 'unlabeled_t')})`
const policyText = `
(handleunknown allow) (mls true) (policycap open_perms)
(user u) (role r) (role object_r) (userrole u r) (userrole u object_r)
(sensitivity s0) (sensitivityorder (s0)) (category c0) (categoryorder (c0)) (sensitivitycategory s0 (c0))
(userlevel u (s0)) (userrange u ((s0) (s0 (c0))))
${types.map((type) => `(type ${type})`).join(' ')}
(typeattribute any) (typeattributeset any (${types.join(' ')}))
(typeattribute common) (typeattributeset common (${types.filter((type) => type !== 'shut_t').join(' ')}))
(roletype r any) (roletype object_r any)
${sids.map(sidContext).join(' ')}
(sidorder (${sids.join(' ')}))
(allow kernel_t any (kernel_class (every)))
(allow user_t any (kernel_class (every))) (allow any any (filesystem (associate)))
(allow mounter_t common (kernel_class (every)))
(typetransition user_t dir_t file made_t)
(genfscon proc "/" ${context('fs_t')})
(fsuse trans tmpfs ${context('fs_t')}) (fsuse xattr overlay ${context('fs_t')})
(fsuse xattr hostfs ${context('fs_t')})
`
/** A policy in which tasks of `user_t` and `mounter_t` may do anything, the latter not to what is `shut_t`. */
export const policy = (): Uint8Array => {
  const files = [{ name: 'classes.cil', text: kernelClassesCil() }, { name: 'test.cil', text: policyText }]
  return writePolicy(compileCil(files, { version: 33 }).policy)
}
