/** Files of a booted kernel get the labels of file_contexts, through its own system calls and SELinux's hooks. */
import { AT_FDCWD, EACCES, EINVAL, ENOENT, O_CREAT, O_RDWR } from '@lsmkit/abi'
import { capability } from '@lsmkit/capability'
import { createStack, LsmkitError } from '@lsmkit/core'
import { bootKernel } from '@lsmkit/kernel'
import { selinux } from '@lsmkit/selinux'
import { kernelClassesCil } from '@lsmkit/selinux/classes'
import type { SelinuxOptions } from '@lsmkit/selinux'
import { compileCil } from '@lsmkit/selinux/cil'
import { writePolicy } from '@lsmkit/selinux/policydb'
import { FileContextsError } from '@lsmkit/selinux/server'
import { expect, test } from 'vitest'

const types = ['root_t', 'etc_t', 'shadow_t', 'lib_t', 'home_t', 'notes_t', 'tmp_t', 'fs_t']

const cil = `
(handleunknown deny) (mls false) (user u) (user staff) (role r) (role object_r) (userrole u r) (userrole u object_r)
(userrole staff object_r)
(sensitivity s0) (sensitivityorder (s0)) (category c0) (categoryorder (c0)) (sensitivitycategory s0 (c0))
(userlevel u (s0)) (userrange u ((s0) (s0))) (userlevel staff (s0)) (userrange staff ((s0) (s0)))
(type kernel_t) (type labeller_t) ${types.map((type) => `(type ${type})`).join(' ')}
(typeattribute any) (typeattributeset any (kernel_t labeller_t ${types.join(' ')}))
(roletype r any) (roletype object_r any)
(sid kernel) (sidcontext kernel (u r kernel_t ((s0) (s0))))
(sid security) (sidcontext security (u object_r fs_t ((s0) (s0))))
(sid unlabeled) (sidcontext unlabeled (u object_r fs_t ((s0) (s0))))
(sidorder (kernel security unlabeled))
(fsuse trans tmpfs (u object_r fs_t ((s0) (s0))))
(genfscon proc "/" (u object_r fs_t ((s0) (s0))))
(allow kernel_t any (kernel_class (every)))
(allow labeller_t any (kernel_class (every)))
(deny labeller_t shadow_t (file (relabelto)))
(allow any fs_t (filesystem (associate)))
`

const policy = writePolicy(compileCil(
  [{ name: 'classes.cil', text: kernelClassesCil() }, { name: 'labels.cil', text: cil }], { version: 33 },
).policy)

const base = `
/.*               u:object_r:root_t
/etc(/.*)?        u:object_r:etc_t
/etc/shadow   --  u:object_r:shadow_t
/usr/lib(/.*)?    u:object_r:lib_t
/tmp/.*           <<none>>
`
const files = {
  base,
  homedirs: '/home/[^/]+(/.*)?  u:object_r:home_t\n/home/[^/]+/notes  --  staff:object_r:notes_t\n',
  subsDist: '/lib64 /usr/lib\n',
}

const boot = (options: Partial<SelinuxOptions> = {}) => {
  const lsm = selinux({ policy, fileContexts: files, ...options })
  const kernel = bootKernel({ stack: createStack({ lsms: [capability(), lsm], onFault: 'throw' }) })
  const { sys, init } = kernel
  for (const path of ['/etc', '/lib64', '/home', '/home/ann', '/tmp']) sys.mkdir(init, path, 0o755)
  for (const path of ['/etc/shadow', '/etc/motd', '/lib64/libc', '/home/ann/notes', '/tmp/x']) {
    sys.close(init, sys.openat(init, AT_FDCWD, path, O_CREAT | O_RDWR, 0o600))
  }
  sys.symlink(init, '/etc/shadow', '/etc/link')
  const labelOf = (path: string): string => {
    const value = new Uint8Array(256)
    const n = sys.lgetxattr(init, path, 'security.selinux', value)
    return n < 0 ? String(n) : new TextDecoder().decode(value.subarray(0, n)).replace(/\0$/, '')
  }
  return { lsm, kernel, sys, init, labelOf }
}

test.each([
  ['/', 'u:object_r:root_t'],
  ['/etc', 'u:object_r:etc_t'],
  ['/etc/motd', 'u:object_r:etc_t'],
  ['/etc/shadow', 'u:object_r:shadow_t'],
  ['/etc/link', 'u:object_r:etc_t'],
  ['/lib64/libc', 'u:object_r:lib_t'],
  ['/home/ann', 'u:object_r:home_t'],
  ['/home/ann/notes', 'staff:object_r:notes_t'],
  ['/tmp/x', 'u:object_r:fs_t'],
  ['/proc/self/status', 'u:r:kernel_t'],
])('%s is %s', (path, label) => {
  const { lsm, kernel, labelOf } = boot()
  expect(lsm.relabel(kernel, { force: true }).failed).toEqual([])
  expect(labelOf(path)).toBe(label)
})

test('only the type is set unless the whole context is asked for, and what is right is left alone', () => {
  const { lsm, kernel, labelOf } = boot()
  const { changed, seen } = lsm.relabel(kernel, { paths: ['/home'] })
  expect([seen, changed]).toEqual([3, [
    { path: '/home', from: 'u:object_r:fs_t', to: 'u:object_r:root_t' },
    { path: '/home/ann', from: 'u:object_r:fs_t', to: 'u:object_r:home_t' },
    { path: '/home/ann/notes', from: 'u:object_r:fs_t', to: 'u:object_r:notes_t' },
  ]])
  expect(lsm.relabel(kernel, { paths: ['/home'] }).changed).toEqual([])
  expect(labelOf('/etc/motd')).toBe('u:object_r:fs_t')
  expect(lsm.relabel(kernel, { paths: ['/home'], force: true }).changed).toEqual([
    { path: '/home/ann/notes', from: 'u:object_r:notes_t', to: 'staff:object_r:notes_t' },
  ])
})

test('a dry run tells and does nothing', () => {
  const { lsm, kernel, labelOf } = boot()
  const { changed } = lsm.relabel(kernel, { paths: ['/etc'], recursive: false, dryRun: true })
  expect([changed.length, labelOf('/etc')]).toEqual([1, 'u:object_r:fs_t'])
})

test('whoever labels is asked whether he may, and what he may not is told', () => {
  const { lsm, kernel, sys, init, labelOf } = boot()
  const task = kernel.machine.tasks.find(sys.fork(init))!
  const fd = sys.openat(task, AT_FDCWD, '/proc/self/attr/current', O_RDWR, 0)
  sys.write(task, fd, new TextEncoder().encode('u:r:labeller_t'))
  const { failed } = lsm.relabel(kernel, { paths: ['/etc', '/nowhere'], task })
  expect(failed).toEqual([
    { path: '/etc/shadow', to: 'u:object_r:shadow_t', rc: -EACCES },
    { path: '/nowhere', to: null, rc: -ENOENT },
  ])
  expect([labelOf('/etc/shadow'), labelOf('/etc/motd')]).toEqual(['u:object_r:fs_t', 'u:object_r:etc_t'])
})

test('names that are no UTF-8, and more than fit into one reading', () => {
  const { lsm, kernel, sys, init, labelOf } = boot()
  for (let i = 0; i < 300; i++) sys.mkdir(init, `/etc/${'n'.repeat(30)}${i}`, 0o755)
  sys.mkdir(init, '/etc/\udcff', 0o755)
  const { changed, failed } = lsm.relabel(kernel, { paths: ['/etc'] })
  expect([changed.length, failed, labelOf('/etc/\udcff')]).toEqual([305, [], 'u:object_r:etc_t'])
})

test('a context that the policy does not know is not set', () => {
  const { lsm, kernel, labelOf } = boot({ fileContexts: `${base}/etc/motd  u:object_r:nosuch_t\n` })
  const { failed } = lsm.relabel(kernel, { paths: ['/etc'] })
  expect(failed).toEqual([{ path: '/etc/motd', to: 'u:object_r:nosuch_t', rc: -EINVAL }])
  expect(labelOf('/etc/motd')).toBe('u:object_r:fs_t')
})

test('one text is enough, and mistakes are told when SELinux is made', () => {
  const { lsm, kernel, labelOf } = boot({ fileContexts: base })
  lsm.relabel(kernel)
  expect(labelOf('/home/ann')).toBe('u:object_r:root_t')
  expect(() => selinux({ fileContexts: '/etc(  u:object_r:etc_t' })).toThrow(FileContextsError)
  const { fileContexts: _none, ...without } = { policy, fileContexts: base }
  expect(() => selinux(without).relabel(kernel)).toThrow(LsmkitError)
})
