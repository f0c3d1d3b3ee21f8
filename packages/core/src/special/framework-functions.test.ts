import {
  EINVAL, EIO, ENOMEM, EPERM, FMODE_BACKING, MNT_NOEXEC, PROT_EXEC, PROT_READ, PROT_WRITE, READ_IMPLIES_EXEC,
  RENAME_EXCHANGE, SB_I_NOEXEC,
} from '@lsmkit/abi'
import { describe, expect, test } from 'vitest'
import {
  aDentry, aDispatch, aFile, anEnv, anInode, aPath, cred, membersOf, sb, strategyNames, task,
} from '../../test/dispatch-support.ts'
import { Current } from '../current.ts'
import type { HookName } from '../hooks/hook-defs.ts'
import { plainObjects as objects } from '../objects/factories.ts'
import type { Xattr } from '../objects/fs.ts'
import { lsm_get_xattr_slot } from './inode-init-security.ts'

describe.each(strategyNames)('%s', (strategy) => {
  describe('output parameters', () => {
    const leftOver = () => ({ value: 99 })

    test.each<{ hook: HookName; args: (secid: object) => unknown[]; value: unknown }>([
      { hook: 'cred_getsecid', args: (secid) => [{}, secid], value: 0 },
      { hook: 'task_getsecid_obj', args: (secid) => [{}, secid], value: 0 },
      { hook: 'ipc_getsecid', args: (secid) => [{}, secid], value: 0 },
      { hook: 'current_getsecid_subj', args: (secid) => [secid], value: 0 },
      { hook: 'secctx_to_secid', args: (secid) => ['text', 4, secid], value: 0 },
      { hook: 'key_getsecurity', args: (buffer) => [{}, buffer], value: null },
      { hook: 'inode_getsecid', args: (secid) => [{}, secid], value: 99 },
    ])('$hook starts from $value, with and without LSMs', ({ hook, args, value }) => {
      for (const fns of [[], [() => 0]]) {
        const out = leftOver()
        aDispatch(strategy, { [hook]: membersOf(...fns) }).call(hook, ...args(out))
        expect(out.value).toBe(value)
      }
    })

    test('the last LSM to write a secid wins, and 0 of secctx_to_secid stops nobody', () => {
      const out = leftOver()
      const set = (value: number) => (_text: string, _length: number, secid: { value: number }) => {
        secid.value = value
        return 0
      }
      const { call } = aDispatch(strategy, { secctx_to_secid: membersOf(set(5), set(6)) })
      expect(call('secctx_to_secid', 'text', 4, out)).toBe(0)
      expect(out.value).toBe(6)
    })

    test('sk_getsecid writes into the flow', () => {
      const flow = { flowic_secid: 3, flowic_mark: 0, flowic_proto: 0 }
      const { call } = aDispatch(strategy, { sk_getsecid: membersOf((_sk, secid) => { secid.value += 4 }) })
      call('sk_getsecid', {}, flow)
      expect(flow.flowic_secid).toBe(7)
    })
  })

  describe('sb_free_mnt_opts', () => {
    test('hands over what there is and forgets it', () => {
      const freed: unknown[] = []
      const { call } = aDispatch(strategy, { sb_free_mnt_opts: membersOf((opts) => { freed.push(opts) }) })
      const opts = { of: 'smack' }
      const options = { value: opts as object | null }
      call('sb_free_mnt_opts', options)
      call('sb_free_mnt_opts', options)
      expect(freed).toEqual([opts])
      expect(options.value).toBeNull()
    })

    test('forgets it with nobody there', () => {
      const options = { value: {} as object | null }
      aDispatch(strategy, {}).call('sb_free_mnt_opts', options)
      expect(options.value).toBeNull()
    })
  })

  describe('inode_rename', () => {
    const calls: unknown[][] = []
    const args = [anInode(), aDentry(), anInode(), aDentry()]
    const run = (flags: number, ...answers: readonly number[]) => {
      calls.length = 0
      const { call } = aDispatch(strategy, {
        inode_rename: membersOf((...given) => calls.push(given) && answers[calls.length - 1]),
      })
      return call('inode_rename', ...args, flags)
    }
    const [oldDir, old, newDir, new_] = args

    test('asks once, without the flags', () => {
      expect(run(0, 0)).toBe(0)
      expect(calls).toEqual([args])
    })

    test('an exchange asks for the way back first, then for the way there', () => {
      expect(run(RENAME_EXCHANGE, 0, -EPERM)).toBe(-EPERM)
      expect(calls).toEqual([[newDir, new_, oldDir, old], args])
    })

    test('whoever refuses the way back is not asked for the way there', () => {
      expect(run(RENAME_EXCHANGE, -EPERM)).toBe(-EPERM)
      expect(calls).toHaveLength(1)
    })
  })

  describe('inode_setxattr and inode_removexattr', () => {
    const set = [{}, aDentry(), 'security.x', new Uint8Array(), 0, 0]
    const cases = [
      { hook: 'inode_setxattr', args: set },
      { hook: 'inode_removexattr', args: set.slice(0, 3) },
    ] as const

    test.each(cases)('$hook asks the capability function first, then the LSMs', ({ hook, args }) => {
      const log: string[] = []
      const ask = (rc: number) => () => {
        log.push('cap')
        return rc
      }
      const run = (cap: number) => {
        log.length = 0
        const caps = { cap_inode_setxattr: ask(cap), cap_inode_removexattr: ask(cap), vm_enough_memory: () => 0 }
        const members = membersOf(() => (log.push('lsm'), 0))
        return aDispatch(strategy, { [hook]: members }, { env: anEnv({ caps }) }).call(hook, ...args)
      }
      expect(run(0)).toBe(0)
      expect(log).toEqual(['cap', 'lsm'])
      expect(run(-EPERM)).toBe(-EPERM)
      expect(log).toEqual(['cap'])
    })

    test.each(cases)('$hook leaves the capability function out for a name that an LSM claims', ({ hook, args }) => {
      const names: string[] = []
      const caps = { cap_inode_setxattr: () => -EPERM, cap_inode_removexattr: () => -EPERM, vm_enough_memory: () => 0 }
      const { call } = aDispatch(strategy, {
        inode_xattr_skipcap: membersOf(() => 0, (name) => (names.push(name), 1), () => 0),
        [hook]: membersOf(() => -EINVAL),
      }, { env: anEnv({ caps }) })
      expect(call(hook, ...args)).toBe(-EINVAL)
      expect(names).toEqual(['security.x'])
    })

    test.each(cases)('$hook asks the capability function with no LSM at all', ({ hook, args }) => {
      const caps = { cap_inode_setxattr: () => -EPERM, cap_inode_removexattr: () => -EPERM, vm_enough_memory: () => 0 }
      expect(aDispatch(strategy, {}, { env: anEnv({ caps }) }).call(hook, ...args)).toBe(-EPERM)
    })
  })

  describe('mmap_file', () => {
    const noexec = (how: 'mount' | 'super block') => {
      const file = aFile()
      if (how === 'mount') file.f_path.mnt.mnt_flags |= MNT_NOEXEC
      else
        file.f_path.mnt.mnt_sb = Object.assign(objects.super_block(0, sb.s_type, cred.user_ns), {
          s_iflags: SB_I_NOEXEC,
        })
      return file
    }

    test.each([
      { file: null, personality: 0, prot: PROT_READ, becomes: PROT_READ },
      { file: null, personality: READ_IMPLIES_EXEC, prot: PROT_READ, becomes: PROT_READ | PROT_EXEC },
      { file: null, personality: READ_IMPLIES_EXEC, prot: PROT_WRITE, becomes: PROT_WRITE },
      { file: null, personality: READ_IMPLIES_EXEC, prot: PROT_READ | PROT_EXEC, becomes: PROT_READ | PROT_EXEC },
      {
        file: aFile(),
        personality: READ_IMPLIES_EXEC,
        prot: PROT_READ | PROT_WRITE,
        becomes: PROT_READ | PROT_WRITE | PROT_EXEC,
      },
      { file: noexec('mount'), personality: READ_IMPLIES_EXEC, prot: PROT_READ, becomes: PROT_READ },
      { file: noexec('super block'), personality: READ_IMPLIES_EXEC, prot: PROT_READ, becomes: PROT_READ },
    ])('protection $prot under personality $personality becomes $becomes', ({ file, personality, prot, becomes }) => {
      const current = new Current(Object.assign(objects.task(2, 2, cred, cred), { personality }))
      const calls: unknown[][] = []
      const members = membersOf((...args) => (calls.push(args), 0))
      const { call } = aDispatch(strategy, { mmap_file: members }, { env: anEnv({ current }) })
      expect(call('mmap_file', file, prot, 2)).toBe(0)
      expect(calls).toEqual([[file, prot, becomes, 2]])
    })
  })

  describe('mmap_backing_file', () => {
    test('passes a backing file on', () => {
      const { call } = aDispatch(strategy, { mmap_backing_file: membersOf(() => -EPERM) })
      expect(call('mmap_backing_file', {}, aFile(FMODE_BACKING), aFile())).toBe(-EPERM)
    })

    test.each([[], [() => 0]])('refuses any other, and says so (%#)', (...fns) => {
      const { call, faults } = aDispatch(strategy, { mmap_backing_file: membersOf(...fns) })
      expect(call('mmap_backing_file', {}, aFile(), aFile())).toBe(-EIO)
      expect(faults).toMatchObject([{ hook: 'mmap_backing_file', lsm: 'framework', kind: 'caller' }])
    })
  })

  test('xfrm_decode_session asks for all checks; a flow that may not be refused is reported when it is', () => {
    const calls: unknown[][] = []
    const { call, faults } = aDispatch(strategy, {
      xfrm_decode_session: membersOf((...args) => (calls.push(args), -EPERM)),
    })
    const secid = { value: 0 }
    expect(call('xfrm_decode_session', 'skb', secid)).toBe(-EPERM)
    expect(faults).toEqual([])
    expect(call('xfrm_decode_session', 'skb', secid, 0)).toBe(-EPERM)
    expect(calls).toEqual([['skb', secid, 1], ['skb', secid, 0]])
    expect(faults).toMatchObject([{ lsm: 'framework', kind: 'caller' }])
  })

  describe('hooks with an explicit function', () => {
    test('vm_enough_memory: the reserve is withdrawn, which is no denial of the LSM', () => {
      const seen: number[] = []
      const caps = {
        ...anEnv().caps,
        vm_enough_memory: (_mm: unknown, _pages: number, cap_sys_admin: number) => (
          seen.push(cap_sys_admin),
          cap_sys_admin === 1 ? 0 : -ENOMEM
        ),
      }
      const { call, settled } = aDispatch(
        strategy,
        {
          vm_enough_memory: membersOf(
            () => 1,
            () => -EPERM,
            () => -EPERM,
          ),
        },
        { env: anEnv({ caps }) },
      )
      expect(call('vm_enough_memory', {}, 5)).toBe(-ENOMEM)
      expect(seen).toEqual([0])
      expect(settled).toEqual([])
    })

    test('whoever decides is reported with the arguments it got', () => {
      const { call, settled } = aDispatch(strategy, { task_prctl: membersOf(() => 0, () => -EPERM, () => 0) })
      expect(call('task_prctl', 1, 2, 3, 4, 5)).toBe(-EPERM)
      expect(settled).toEqual([{ hook: 'task_prctl', lsm: 'm1', rc: -EPERM, args: [1, 2, 3, 4, 5] }])
    })

    test.each([
      { hook: 'task_prctl', args: [1, 0, 0, 0, 0] },
      { hook: 'fs_context_parse_param', args: [{}, {}] },
      { hook: 'sb_set_mnt_opts', args: [{}, {}, 0, {}] },
      { hook: 'inode_init_security', args: [anInode(), anInode(), null, null, null] },
      { hook: 'getprocattr', args: [task, 0, 'current', { value: null }] },
      { hook: 'setprocattr', args: [0, 'current', new Uint8Array(), 0] },
      { hook: 'getselfattr', args: [100, null, { value: 64 }, 0] },
      { hook: 'xfrm_state_pol_flow_match', args: [{}, {}, {}] },
    ] as const)('$hook: a throw and a wrong value deny and are reported', ({ hook, args }) => {
      for (const { fn, kind } of [
        {
          fn: () => {
            throw new Error('bug')
          },
          kind: 'throw',
        },
        { fn: () => null, kind: 'not-an-int' },
      ]) {
        const { call, faults, settled } = aDispatch(
          strategy,
          { [hook]: membersOf(fn) },
          { env: anEnv({ xattr_count: 1 }) },
        )
        expect(call(hook, ...args)).toBe(-13)
        expect(faults).toMatchObject([{ hook, lsm: 'm0', kind }])
        expect(settled).toMatchObject([{ hook, lsm: 'm0', rc: -13 }])
      }
    })

    test('inode_init_security: attributes of all LSMs reach the callback in order', () => {
      const give =
        (name: string) =>
          (_i: unknown, _d: unknown, _q: unknown, xattrs: Xattr[] | null, count: { value: number }) => {
            const slot = lsm_get_xattr_slot(xattrs, count)
            if (slot !== null) slot.name = name
            return 0
          }
      const got: string[][] = []
      const { call } = aDispatch(
        strategy,
        { inode_init_security: membersOf(give('a'), () => 0, give('b')) },
        { env: anEnv({ xattr_count: 2 }) },
      )
      const initxattrs = (_inode: unknown, xattrs: readonly Xattr[], data: unknown) => {
        got.push([...xattrs.map(({ name }) => name), String(data)])
        return -ENOMEM
      }
      expect(call('inode_init_security', anInode(), anInode(), null, initxattrs, 'data')).toBe(-ENOMEM)
      expect(got).toEqual([['a', 'b', 'data']])
      expect(call('inode_init_security', anInode(), anInode(), null, null, null)).toBe(0)
      expect(got).toHaveLength(1)
    })

    test('inode_init_security: entries are bare for the next inode, and for one that is made meanwhile', () => {
      const seen: [string, number][] = []
      const { call } = aDispatch(strategy, {
        inode_init_security: membersOf((_i, _d, qstr: { name: string }, xattrs: Xattr[], count) => {
          const slot = lsm_get_xattr_slot(xattrs, count)!
          seen.push([slot.name, slot.value.length])
          slot.name = qstr.name
          slot.value = new Uint8Array(qstr.name.length)
          return 0
        }),
      }, { env: anEnv({ xattr_count: 1 }) })
      const got: string[] = []
      const make = (name: string, within: () => void): unknown =>
        call('inode_init_security', anInode(), anInode(), { name }, (_inode: unknown, xattrs: readonly Xattr[]) => {
          within()
          got.push(...xattrs.map((xattr) => `${xattr.name} ${xattr.value.length}`))
          return 0
        }, null)
      make('one', () => make('inner', () => {}))
      make('last', () => {})
      expect(got).toEqual(['inner 5', 'one 3', 'last 4'])
      expect(seen).toEqual([['', 0], ['', 0], ['', 0]])
    })
  })

  test('path hooks get the path they were called with', () => {
    const path = aPath()
    const { call } = aDispatch(strategy, {
      path_chmod: membersOf((given, mode) => (given === path && mode === 0o600 ? 0 : -EPERM)),
    })
    expect(call('path_chmod', path, 0o600)).toBe(0)
  })
})
