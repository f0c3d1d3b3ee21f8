/**
 * The self-test of `lsm doctor`: for each engine something that it must refuse, and beside it something that it must
 * let pass, so that an engine that refuses everything fails too. Scenarios, as `lsm scenario` runs them.
 */
import { apparmor } from '@lsmkit/apparmor/text'
import { capability } from '@lsmkit/capability'
import { landlock } from '@lsmkit/landlock'
import { loadpin } from '@lsmkit/loadpin'
import { lockdown } from '@lsmkit/lockdown'
import { safesetid } from '@lsmkit/safesetid'
import { selinux } from '@lsmkit/selinux'
import { compileCil } from '@lsmkit/selinux/cil'
import { kernelClassesCil } from '@lsmkit/selinux/classes'
import { writePolicy } from '@lsmkit/selinux/policydb'
import { smack } from '@lsmkit/smack'
import type { LsmFactories } from '@lsmkit/testkit/scenario'
import { yama } from '@lsmkit/yama'

const selinuxText = `
(handleunknown deny) (mls false) (policycap open_perms)
(user u) (role r) (role object_r) (userrole u r) (userrole u object_r)
(sensitivity s0) (sensitivityorder (s0)) (category c0) (categoryorder (c0)) (sensitivitycategory s0 (c0))
(userlevel u (s0)) (userrange u ((s0) (s0)))
(typeattribute domain) (typeattribute file_type) (roletype r domain) (roletype object_r domain)
(roletype object_r file_type)
(type kernel_t) (type reader_t) (type open_t) (type secret_t) (type fs_t)
(typeattributeset domain (kernel_t reader_t)) (typeattributeset file_type (open_t secret_t fs_t))
(sid kernel) (sidcontext kernel (u r kernel_t ((s0) (s0))))
(sid security) (sidcontext security (u object_r fs_t ((s0) (s0))))
(sid unlabeled) (sidcontext unlabeled (u object_r open_t ((s0) (s0))))
(sid fs) (sidcontext fs (u object_r fs_t ((s0) (s0))))
(sid file) (sidcontext file (u object_r open_t ((s0) (s0))))
(sidorder (kernel security unlabeled fs file))
(fsuse trans tmpfs (u object_r open_t ((s0) (s0))))
(allow file_type file_type (filesystem (associate)))
(typeattribute anything) (typeattributeset anything (or domain file_type))
(allow kernel_t anything (kernel_class (every)))
(allow reader_t open_t (dir (getattr open read search)))
(allow reader_t open_t (file (getattr open read)))
(allow reader_t self (capability (setuid setgid)))
(allow reader_t self (process (setcap)))`

const selinuxPolicy = (): Uint8Array => {
  const files = [{ name: 'classes.cil', text: kernelClassesCil() }, { name: 'doctor.cil', text: selinuxText }]
  return writePolicy(compileCil(files, { version: 33 }).policy)
}

/** The factories of every case; each is made for its own scenario. */
export const caseFactories: LsmFactories = {
  capability, landlock, loadpin, lockdown, safesetid, smack, yama,
  selinux: () => selinux({ policy: selinuxPolicy() }),
  apparmor: () => apparmor({ profiles: 'profile reader { /open r, }' }),
}

/** By what is tried. */
export const cases: Readonly<Record<string, string>> = {
  'mode bits': `
objects: { /open: { file: x, mode: 0644 }, /closed: { file: x, mode: 0600 } }
identities: { user: { uid: 1000 } }
steps:
  - { as: user, open: [/open, O_RDONLY], expect: ok }
  - { as: user, open: [/closed, O_RDONLY], expect: EACCES }`,
  capability: `
lsms: [capability]
objects: { /file: { file: x, mode: 0644 } }
identities: { user: { uid: 1000 }, owner: { uid: 1000, caps: [CAP_SYS_CHROOT] } }
steps:
  - { as: owner, chroot: [/], expect: ok }
  - { as: user, chroot: [/], expect: { errno: EPERM, by: capability } }`,
  landlock: `
lsms: [capability, landlock]
objects: { /data: { dir: true }, /data/table: figures, /secret: keys }
identities: { app: { uid: 1000 } }
steps:
  - { as: app, prctl: [PR_SET_NO_NEW_PRIVS, 1] }
  - { as: app, landlock_create_ruleset: [{ handled_access_fs: LANDLOCK_ACCESS_FS_READ_FILE }, 24], save: ruleset }
  - { as: app, open: [/data, O_PATH], save: data }
  - as: app
    landlock_add_rule:
      [$ruleset, LANDLOCK_RULE_PATH_BENEATH, { allowed_access: LANDLOCK_ACCESS_FS_READ_FILE, parent_fd: $data }]
  - { as: app, landlock_restrict_self: [$ruleset] }
  - { as: app, open: [/data/table, O_RDONLY], expect: ok }
  - { as: app, open: [/secret, O_RDONLY], expect: { errno: EACCES, by: landlock } }`,
  smack: `
lsms: [capability, smack]
objects:
  /open: { file: x, mode: 0666, label: Open }
  /secret: { file: x, mode: 0666, label: Secret }
identities: { reader: { uid: 1000, label: Reader } }
write: { /sys/fs/smackfs/load2: Reader Open r }
steps:
  - { as: reader, open: [/open, O_RDONLY], expect: ok }
  - { as: reader, open: [/secret, O_RDONLY], expect: { errno: EACCES, by: smack } }`,
  selinux: `
lsms: [capability, selinux]
objects:
  /open: { file: x, mode: 0644, label: 'u:object_r:open_t' }
  /secret: { file: x, mode: 0644, label: 'u:object_r:secret_t' }
identities: { reader: { uid: 1000, label: 'u:r:reader_t' } }
steps:
  - { as: reader, open: [/open, O_RDONLY], expect: ok }
  - { as: reader, open: [/secret, O_RDONLY], expect: { errno: EACCES, by: selinux } }`,
  apparmor: `
lsms: [capability, apparmor]
objects: { /open: { file: x, mode: 0644 }, /secret: { file: x, mode: 0644 } }
identities: { reader: { uid: 1000, label: reader } }
steps:
  - { as: reader, open: [/open, O_RDONLY], expect: ok }
  - { as: reader, open: [/secret, O_RDONLY], expect: { errno: EACCES, by: apparmor } }`,
  yama: `
lsms: [capability, yama]
identities: { tracer: { uid: 1000 }, other: { uid: 1000 } }
steps:
  - { as: tracer, ptrace: [PTRACE_SEIZE, $other, 0, 0], expect: { errno: EPERM, by: yama } }
  - { as: other, prctl: [PR_SET_PTRACER, $tracer] }
  - { as: tracer, ptrace: [PTRACE_SEIZE, $other, 0, 0], expect: ok }`,
  safesetid: `
lsms: [capability, safesetid]
options: { safesetid: { uidPolicy: "900:1000\\n1000:1000\\n" } }
identities: { broker: { uid: 900, caps: [CAP_SETUID] } }
steps:
  - { as: broker, fork: [], save: session }
  - { as: session, setresuid: [1000, 1000, 1000], expect: ok }
  - { as: broker, setresuid: [0, 0, 0], expect: { errno: EACCES, by: safesetid } }`,
  lockdown: `
lsms: [lockdown, capability]
cmdline: lockdown=integrity
steps:
  - { open: [/proc/kcore, O_RDONLY], expect: ok }
  - { open: [/dev/mem, O_RDONLY], expect: { errno: EPERM, by: lockdown } }`,
  loadpin: `
lsms: [capability, loadpin]
cmdline: loadpin.enforce=1
objects: { /right.ko: no module, /media: { mount: tmpfs }, /media/wrong.ko: no module }
steps:
  - { open: [/right.ko, O_RDONLY], save: right }
  - { open: [/media/wrong.ko, O_RDONLY], save: wrong }
  - { finit_module: [$right, '', 0], expect: { errno: ENOEXEC, by: '' } }
  - { finit_module: [$wrong, '', 0], expect: { errno: EPERM, by: loadpin } }`,
}
