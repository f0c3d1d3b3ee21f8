import { EOPNOTSUPP } from '@lsmkit/abi'
import { describe, expect, test } from 'vitest'
import { aDentry, aDispatch, anInode, aPath, membersOf, strategyNames } from '../../test/dispatch-support.ts'
import { hookDefs, hookNames } from '../hooks/hook-defs.ts'
import type { HookName } from '../hooks/hook-defs.ts'

/** Arguments with a private inode where the framework function looks, and with one everywhere else. */
interface Look {
  readonly guarded: readonly unknown[]
  readonly elsewhere: readonly unknown[]
}

const priv = () => anInode(true)
const open = () => anInode()
const pathOf = aPath
const dentryOf = aDentry
const value = new Uint8Array()

/** The kernel's choice of inode, hook by hook. */
const looks: Partial<Record<HookName, Look>> = {
  path_unlink: { guarded: [pathOf(priv()), dentryOf(open())], elsewhere: [pathOf(open()), dentryOf(priv())] },
  path_mkdir: { guarded: [pathOf(priv()), dentryOf(null), 0], elsewhere: [pathOf(open()), dentryOf(null), 0] },
  path_rmdir: { guarded: [pathOf(priv()), dentryOf(open())], elsewhere: [pathOf(open()), dentryOf(priv())] },
  path_mknod: { guarded: [pathOf(priv()), dentryOf(null), 0, 0], elsewhere: [pathOf(open()), dentryOf(null), 0, 0] },
  path_post_mknod: { guarded: [{}, dentryOf(priv())], elsewhere: [{}, dentryOf(open())] },
  path_truncate: { guarded: [pathOf(priv())], elsewhere: [pathOf(open())] },
  path_symlink: { guarded: [pathOf(priv()), dentryOf(null), ''], elsewhere: [pathOf(open()), dentryOf(null), ''] },
  path_link: {
    guarded: [dentryOf(priv()), pathOf(open()), dentryOf(null)],
    elsewhere: [dentryOf(open()), pathOf(priv()), dentryOf(priv())],
  },
  path_rename: {
    guarded: [pathOf(open()), dentryOf(priv()), pathOf(open()), dentryOf(open()), 0],
    elsewhere: [pathOf(priv()), dentryOf(open()), pathOf(priv()), dentryOf(null), 0],
  },
  path_chmod: { guarded: [pathOf(priv()), 0], elsewhere: [pathOf(open()), 0] },
  path_chown: { guarded: [pathOf(priv()), 0, 0], elsewhere: [pathOf(open()), 0, 0] },
  inode_init_security: { guarded: [priv(), open(), null, null, null], elsewhere: [open(), priv(), null, null, null] },
  inode_create: { guarded: [priv(), dentryOf(open()), 0], elsewhere: [open(), dentryOf(priv()), 0] },
  inode_post_create_tmpfile: { guarded: [{}, priv()], elsewhere: [{}, open()] },
  inode_link: {
    guarded: [dentryOf(priv()), open(), dentryOf(open())],
    elsewhere: [dentryOf(open()), priv(), dentryOf(priv())],
  },
  inode_unlink: { guarded: [open(), dentryOf(priv())], elsewhere: [priv(), dentryOf(open())] },
  inode_symlink: { guarded: [priv(), dentryOf(open()), ''], elsewhere: [open(), dentryOf(priv()), ''] },
  inode_mkdir: { guarded: [priv(), dentryOf(open()), 0], elsewhere: [open(), dentryOf(priv()), 0] },
  inode_rmdir: { guarded: [open(), dentryOf(priv())], elsewhere: [priv(), dentryOf(open())] },
  inode_mknod: { guarded: [priv(), dentryOf(open()), 0, 0], elsewhere: [open(), dentryOf(priv()), 0, 0] },
  inode_rename: {
    guarded: [open(), dentryOf(priv()), open(), dentryOf(open()), 0],
    elsewhere: [priv(), dentryOf(open()), priv(), dentryOf(null), 0],
  },
  inode_readlink: { guarded: [dentryOf(priv())], elsewhere: [dentryOf(open())] },
  inode_follow_link: { guarded: [dentryOf(open()), priv(), false], elsewhere: [dentryOf(priv()), open(), false] },
  inode_permission: { guarded: [priv(), 4], elsewhere: [open(), 4] },
  inode_setattr: { guarded: [{}, dentryOf(priv()), {}], elsewhere: [{}, dentryOf(open()), {}] },
  inode_post_setattr: { guarded: [{}, dentryOf(priv()), 0], elsewhere: [{}, dentryOf(open()), 0] },
  inode_getattr: { guarded: [pathOf(priv())], elsewhere: [pathOf(open())] },
  inode_setxattr: {
    guarded: [{}, dentryOf(priv()), 'n', value, 0, 0],
    elsewhere: [{}, dentryOf(open()), 'n', value, 0, 0],
  },
  inode_post_setxattr: {
    guarded: [dentryOf(priv()), 'n', value, 0, 0],
    elsewhere: [dentryOf(open()), 'n', value, 0, 0],
  },
  inode_getxattr: { guarded: [dentryOf(priv()), 'n'], elsewhere: [dentryOf(open()), 'n'] },
  inode_listxattr: { guarded: [dentryOf(priv())], elsewhere: [dentryOf(open())] },
  inode_removexattr: { guarded: [{}, dentryOf(priv()), 'n'], elsewhere: [{}, dentryOf(open()), 'n'] },
  inode_post_removexattr: { guarded: [dentryOf(priv()), 'n'], elsewhere: [dentryOf(open()), 'n'] },
  inode_set_acl: { guarded: [{}, dentryOf(priv()), 'n', {}], elsewhere: [{}, dentryOf(open()), 'n', {}] },
  inode_post_set_acl: { guarded: [dentryOf(priv()), 'n', {}], elsewhere: [dentryOf(open()), 'n', {}] },
  inode_get_acl: { guarded: [{}, dentryOf(priv()), 'n'], elsewhere: [{}, dentryOf(open()), 'n'] },
  inode_remove_acl: { guarded: [{}, dentryOf(priv()), 'n'], elsewhere: [{}, dentryOf(open()), 'n'] },
  inode_post_remove_acl: { guarded: [{}, dentryOf(priv()), 'n'], elsewhere: [{}, dentryOf(open()), 'n'] },
  inode_getsecurity: { guarded: [{}, priv(), 'n', {}, true], elsewhere: [{}, open(), 'n', {}, true] },
  inode_setsecurity: { guarded: [priv(), 'n', value, 0, 0], elsewhere: [open(), 'n', value, 0, 0] },
  inode_listsecurity: { guarded: [priv(), null, 0], elsewhere: [open(), null, 0] },
  d_instantiate: { guarded: [dentryOf(open()), priv()], elsewhere: [dentryOf(priv()), open()] },
}

/** inode_xattr_skipcap is asked from behind the guards of inode_setxattr and inode_removexattr. */
const guarded = hookNames.filter((hook) => hookDefs[hook].privateGuard && hook !== 'inode_xattr_skipcap')

test('every guarded hook is looked at here', () => {
  expect(Object.keys(looks).sort()).toEqual([...guarded].sort())
})

describe.each(strategyNames)('%s', (strategy) => {
  const answerOf = (hook: HookName, args: readonly unknown[]) => {
    let asked = 0
    const bench = aDispatch(strategy, {
      [hook]: membersOf(() => {
        asked++
        return hookDefs[hook].ret === 'int' ? -1 : undefined
      }),
    }, { env: { ...aDispatch(strategy, {}).env, xattr_count: 1 } })
    return { answer: bench.call(hook, ...args), asked, settled: bench.settled, faults: bench.faults }
  }

  test.each(guarded)('%s leaves a private inode alone', (hook) => {
    const { answer, asked, settled, faults } = answerOf(hook, looks[hook]!.guarded)
    const apart = hook === 'inode_getsecurity' || hook === 'inode_setsecurity'
    expect(answer).toBe(hookDefs[hook].ret === 'void' ? undefined : apart ? -EOPNOTSUPP : 0)
    expect({ asked, settled, faults }).toEqual({ asked: 0, settled: [], faults: [] })
  })

  test.each(guarded)('%s looks at no other inode', (hook) => {
    const { answer, asked } = answerOf(hook, looks[hook]!.elsewhere)
    expect(answer).toBe(hookDefs[hook].ret === 'void' ? undefined : -1)
    expect(asked).toBe(1)
  })

  test.each(['inode_rename', 'path_rename'] as const)('%s: an existing new inode counts too', (hook) => {
    const dir = () => (hook === 'inode_rename' ? open() : pathOf(open()))
    const { answer, asked } = answerOf(hook, [dir(), dentryOf(open()), dir(), dentryOf(priv()), 0])
    expect({ answer, asked }).toEqual({ answer: 0, asked: 0 })
  })

  test('d_instantiate with no inode is told', () => {
    expect(answerOf('d_instantiate', [dentryOf(null), null]).asked).toBe(1)
  })

  test('a caller without an inode is refused and reported, not thrown at', () => {
    const { answer, faults } = answerOf('inode_permission', [undefined, 4])
    expect(answer).toBe(-13)
    expect(faults).toMatchObject([{ hook: 'inode_permission', lsm: 'framework', kind: 'caller' }])
  })
})
