import { createStack, OptionError } from '@lsmkit/core'
import { conformanceKit } from '@lsmkit/testkit'
import { describe, expect, test } from 'vitest'
import { landlock } from './lsm.ts'
import type { LandlockAbi } from './rights.ts'

const hooksOf = (abi: LandlockAbi): string[] => {
  const own = landlock({ abi })
  let hooks: string[] = []
  createStack({
    lsms: [{ ...own, hooks: (ctx) => {
      const group = own.hooks(ctx)
      hooks = Object.entries(group).flatMap(([name, hook]) => (hook === undefined ? [] : [name])).sort()
      return group
    } }],
    capability: 'none',
  })
  return hooks
}

test('the hooks of 6.12, and from ABI 7 one more', () => {
  const hooks = [
    'cred_free', 'cred_prepare', 'cred_transfer', 'file_alloc_security', 'file_free_security', 'file_ioctl',
    'file_ioctl_compat', 'file_open', 'file_send_sigiotask', 'file_set_fowner', 'file_truncate',
    'inode_free_security_rcu', 'move_mount', 'path_link', 'path_mkdir', 'path_mknod', 'path_rename', 'path_rmdir',
    'path_symlink', 'path_truncate', 'path_unlink', 'ptrace_access_check', 'ptrace_traceme', 'sb_delete', 'sb_mount',
    'sb_pivotroot', 'sb_remount', 'sb_umount', 'socket_bind', 'socket_connect', 'socket_sendmsg', 'task_kill',
    'unix_may_send', 'unix_stream_connect',
  ]
  expect(hooksOf(6)).toEqual(hooks)
  expect(hooksOf(7)).toEqual(['bprm_creds_for_exec', ...hooks])
})

test('the kernel\'s id, and the ABI by the profile', () => {
  for (const [profile, abi] of [['6.12', 6], ['6.18', 7], ['7.3', 11]] as const) {
    const lsm = landlock()
    expect(lsm.engine.isEnabled).toBe(false)
    const stack = createStack({ lsms: [lsm], capability: 'none', profile })
    expect(stack.ids).toEqual([110])
    expect(lsm.engine.isEnabled).toBe(true)
    expect(lsm.engine.abi).toBe(abi)
  }
})

test.each([
  [1, 0b1100, 8, 0], [3, 0b1100, 8, 0], [4, 0b1101, 16, 0], [5, 0b1101, 16, 0], [6, 0b1111, 24, 0], [7, 0b1111, 24, 7],
  [8, 0b1111, 24, 15], [9, 0b1111, 24, 15], [10, 0b1111, 48, 15], [11, 0b1111, 48, 31],
] as const)('ABI %i', (abi, errata, attrSize, restrictFlags) => {
  const { engine } = (() => {
    const lsm = landlock({ abi })
    createStack({ lsms: [lsm], capability: 'none' })
    return lsm
  })()
  expect(engine).toMatchObject({ abi, errata, attrSize, restrictFlags })
})

test.each([
  { abi: 0 }, { abi: 12 }, { abi: '6' }, { remembers: 1 }, { other: 1 }, { watch: {} }, { watch: null },
])('refused: %j', (options) => {
  expect(() => landlock(options as never)).toThrow(OptionError)
})

describe('conformance', () => {
  test.each(conformanceKit(() => landlock()))('$name', async ({ run }) => {
    await expect(Promise.resolve().then(run)).resolves.toBeUndefined()
  })
})
