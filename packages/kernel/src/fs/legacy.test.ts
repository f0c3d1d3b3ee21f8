/** devtmpfs and devpts: options as one text, what LSMs are asked on the way, and remounts that all mounts share. */
import {
  EBUSY, EINVAL, ENOSPC, EOPNOTSUPP, EPERM, FSCONFIG_CMD_CREATE, FSCONFIG_CMD_CREATE_EXCL, FSCONFIG_SET_FLAG,
  FSCONFIG_SET_STRING, MS_RDONLY, MS_REMOUNT, O_CREAT, O_RDWR, S_IFCHR,
} from '@lsmkit/abi'
import { defineLsm } from '@lsmkit/core'
import type { Lsm } from '@lsmkit/core'
import { expect, test } from 'vitest'
import { Kstat } from '../state/vfs/kstat.ts'
import { bootForTest } from '../testing/boot.ts'

const setUp = (lsms: readonly Lsm[] = [], options: Parameters<typeof bootForTest>[0] = {}) => {
  const kernel = bootForTest({ lsms, ...options })
  const { sys, init } = kernel
  sys.mkdir(init, '/tmp/m', 0o755)
  const mount = (type: string, data: string | null = null, flags = 0): number =>
    sys.mount(init, 'x', '/tmp/m', type, flags, data)
  const shown = (): string =>
    (kernel.cat(init, '/proc/mounts') as string).split('\n').filter((line) => line.includes(' /tmp/m ')).join()
  return { ...kernel, mount, shown }
}
const NOT_OF_THE_WALK = /inode_permission|^capable$|file_|inode_free|cred_|d_inst/

const asked = ({ trace }: ReturnType<typeof setUp>, run: () => number): readonly [number, string[]] => {
  let rc = 0
  const hooks = trace(() => (rc = run()))
  return [rc, hooks.filter((hook) => !NOT_OF_THE_WALK.test(hook))]
}

test('another mount of devtmpfs is a remount of the one there is', () => {
  const kernel = setUp()
  const { mount, sys, init } = kernel
  // the source, the options for the context, then again for the remount with each by itself
  expect(asked(kernel, () => mount('devtmpfs', 'size=1M,nr_inodes=1k'))).toEqual([0, [
    'sb_mount', 'fs_context_parse_param', 'sb_eat_lsm_opts', 'sb_eat_lsm_opts', 'fs_context_parse_param',
    'fs_context_parse_param', 'sb_remount', 'sb_free_mnt_opts', 'sb_set_mnt_opts', 'sb_kern_mount', 'sb_free_mnt_opts',
  ]])
  sys.umount2(init, '/tmp/m', 0)
  expect(asked(kernel, () => mount('devtmpfs'))).toEqual([0, [
    'sb_mount', 'fs_context_parse_param', 'sb_remount', 'sb_free_mnt_opts', 'sb_set_mnt_opts', 'sb_kern_mount',
    'sb_free_mnt_opts',
  ]])
})

test('made when it is first mounted, the nodes of devtmpfs are the kernel\'s', () => {
  const makers = new Set<string>()
  const watch = defineLsm({ name: 'watch', abi: '1.0', hooks: (ctx) => ({
    inode_mknod: () => {
      makers.add(ctx.current.task.comm)
      return 0
    },
  }) })
  const { sys, init, mount, machine } = setUp([watch], { usualMounts: false })
  expect(makers.size).toBe(0)
  sys.umask(init, 0o077)
  expect(mount('devtmpfs')).toBe(0)
  expect(makers).toEqual(new Set([machine.idle.comm]))
  const stat = new Kstat()
  expect([sys.stat(init, '/tmp/m/null', stat), stat.mode]).toEqual([0, S_IFCHR | 0o666])
})

test('its flags and options are those of the newest', () => {
  const { mount, shown, sys, init } = setUp()
  const create = (): number => sys.open(init, '/dev/new', O_CREAT | O_RDWR, 0o600)
  expect(mount('devtmpfs', 'size=1M', MS_RDONLY)).toBe(0)
  expect(shown()).toContain('size=1024k')
  expect([create(), sys.umount2(init, '/tmp/m', 0), mount('devtmpfs')]).toEqual([-30, 0, 0])
  expect(create()).toBeGreaterThanOrEqual(0)
  expect([mount('devtmpfs', null, MS_RDONLY), mount('devtmpfs', 'nosuch=1')]).toEqual([-EBUSY, -EINVAL])
})

test('who may not remount it may not mount it', () => {
  let isUp = false
  const kernel = setUp([defineLsm({ name: 'still', abi: '1.0', hooks: { sb_remount: () => (isUp ? -EPERM : 0) } })])
  isUp = true
  expect(kernel.mount('devtmpfs')).toBe(-EPERM)
  expect(kernel.mount('devpts')).toBe(0)
})

test('devpts: options, their text, and what a remount makes of them', () => {
  const { mount, shown, sys, init } = setUp()
  const ptmxMode = (): number => {
    const stat = new Kstat()
    sys.stat(init, '/tmp/m/ptmx', stat)
    return stat.mode
  }
  expect(mount('devpts', 'gid=5,mode=620,max=1,newinstance')).toBe(0)
  expect(shown()).toContain('gid=5,mode=620,ptmxmode=000,max=1')
  expect(mount('devpts', 'ptmxmode=666,nosuch', MS_REMOUNT)).toBe(-EINVAL)
  expect([shown().includes('mode=600,ptmxmode=666 '), ptmxMode()]).toEqual([true, S_IFCHR | 0o666])
  expect(mount('devpts', 'max=1', MS_REMOUNT)).toBe(0)
  const open = () => sys.open(init, '/tmp/m/ptmx', O_RDWR, 0)
  expect([open() >= 0, open()]).toEqual([true, -ENOSPC])
})

test.each(['uid=x', 'mode=9', 'max=-1', 'max=1048577', 'gid=', 'nosuch', 'mode'])('devpts: %s', (option) => {
  expect(setUp().mount('devpts', option)).toBe(-EINVAL)
})

test('one by one they are put together, and looked at in the end', () => {
  const { sys, init } = setUp()
  const context = () => sys.fsopen(init, 'devpts', 0)
  const [good, bad] = [context(), context()]
  const set = (fd: number, key: string, value: string) => sys.fsconfig(init, fd, FSCONFIG_SET_STRING, key, value, 0)
  expect([set(good, 'source', 'x'), set(good, 'mode', '640'), set(good, 'max', '3,4')]).toEqual([0, 0, -EINVAL])
  expect(sys.fsconfig(init, good, FSCONFIG_SET_FLAG, 'newinstance', null, 0)).toBe(0)
  expect(sys.fsconfig(init, good, FSCONFIG_CMD_CREATE_EXCL, null, null, 0)).toBe(-EOPNOTSUPP)
  expect(sys.fsconfig(init, good, FSCONFIG_CMD_CREATE, null, null, 0)).toBe(0)
  expect([set(bad, 'nosuch', '1'), sys.fsconfig(init, bad, FSCONFIG_CMD_CREATE, null, null, 0)]).toEqual([0, -EINVAL])
})
