import { E2BIG, EACCES, EBUSY, EINVAL, ENOENT, EOPNOTSUPP, EPERM, LSM_ID_BPF } from '@lsmkit/abi'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { aDispatch, anEnv, argumentsOf, member, membersOf, strategyNames, task } from '../test/dispatch-support.ts'
import { AttachError } from './programs/attach-error.ts'
import { hookDefs, hookNames } from './hooks/hook-defs.ts'
import type { HookName } from './hooks/hook-defs.ts'
import type { DispatchOptions, StrategyName } from './dispatch/strategy.ts'
import type { Sock } from './objects/net.ts'

afterEach(() => void vi.restoreAllMocks())

const programs = { lsm: 'bpf', id: LSM_ID_BPF, position: 1 }
const open = argumentsOf('file_open')

const refusal = (act: () => unknown): { code: string; errno: number } => {
  try {
    act()
  } catch (error) {
    if (error instanceof AttachError) return { code: error.code, errno: error.errno }
    throw error
  }
  throw new Error('nothing was refused')
}

describe.each(strategyNames)('%s', (strategy) => {
  const aStack = (members: DispatchOptions['members'] = {}, more: Partial<DispatchOptions> = {}) =>
    aDispatch(strategy, members, { programs, ...more })

  test('takes effect with the next call, and so does taking it off', () => {
    const { call, attach } = aStack()
    expect(call('file_open', ...open)).toBe(0)
    const link = attach('file_open', () => -EPERM)
    expect(link.attached).toBe(true)
    expect(call('file_open', ...open)).toBe(-EPERM)
    link.detach()
    link.detach()
    expect(link.attached).toBe(false)
    expect(call('file_open', ...open)).toBe(0)
  })

  test('last attached runs first, and the first answer other than 0 counts', () => {
    const log: string[] = []
    const says = (name: string, rc: number) => () => (log.push(name), rc)
    const { call, attach, settled } = aStack()
    attach('file_open', says('a', -EPERM))
    attach('file_open', says('b', -ENOENT))
    attach('file_open', says('c', 0))
    expect(call('file_open', ...open)).toBe(-ENOENT)
    expect(log).toEqual(['c', 'b'])
    expect(settled).toMatchObject([{ hook: 'file_open', lsm: 'bpf', rc: -ENOENT, args: open }])
  })

  test('all programs of a void hook run, last attached first', () => {
    const log: string[] = []
    const { call, attach } = aStack({ file_release: [member('lsm', 0, () => { log.push('lsm') })] })
    attach('file_release', () => { log.push('a') })
    attach('file_release', () => { log.push('b') })
    call('file_release', ...argumentsOf('file_release'))
    expect(log).toEqual(['lsm', 'b', 'a'])
  })

  test('0 is no opinion: where the hook has another default, that is the answer', () => {
    for (const hook of hookNames.filter((name) => hookDefs[name].default !== 0 && !hookDefs[name].bpf.disabled)) {
      const asked = hook === 'setselfattr' || hook === 'inode_init_security' || hook === 'fs_context_parse_param'
      if (asked) continue
      const { call, attach } = aStack()
      attach(hook, () => 0)
      expect(call(hook, ...argumentsOf(hook)), hook).toBe(hookDefs[hook].default)
    }
  })

  test.each([
    { hook: 'file_open', rc: 1 },
    { hook: 'file_open', rc: -4096 },
    { hook: 'inode_xattr_skipcap', rc: -1 },
    { hook: 'audit_rule_known', rc: 2 },
    { hook: 'task_prctl', rc: 5 },
    { hook: 'secid_to_secctx', rc: 1 },
  ] as const)('$rc is outside the range of $hook: it denies and is reported', ({ hook, rc }) => {
    const { call, attach, faults } = aStack()
    attach(hook, () => rc)
    expect(call(hook, ...argumentsOf(hook))).toBe(-EACCES)
    expect(faults).toMatchObject([{ hook, lsm: 'bpf', kind: 'out-of-range', error: rc }])
  })

  test.each(['file_open', 'secid_to_secctx', 'task_prctl'] as const)(
    'a program on %s that throws denies and is reported',
    (hook) => {
      const { call, attach, faults } = aStack()
      attach(hook, () => {
        throw new Error('bug')
      })
      expect(call(hook, ...argumentsOf(hook))).toBe(-EACCES)
      expect(faults).toMatchObject([{ hook, lsm: 'bpf', kind: 'throw' }])
    },
  )

  describe('refusals', () => {
    test.each(hookNames.filter((hook) => hookDefs[hook].bpf.disabled))('%s takes no programs', (hook) => {
      expect(refusal(() => aStack().attach(hook, () => 0))).toEqual({ code: 'disabled-hook', errno: -EINVAL })
    })

    test('what is not a hook, what is not a function, where no program may sleep', () => {
      const { attach, observe, modifyReturn } = aStack()
      expect(refusal(() => attach('file_opne', () => 0))).toEqual({ code: 'unknown-hook', errno: -EINVAL })
      expect(refusal(() => attach('file_open', 'x' as never))).toMatchObject({ code: 'bad-program' })
      const badOption = expect.objectContaining({ code: 'bad-option', place: 'observe' }) as Error
      expect(() => observe('file_open', { entry: 1 as never })).toThrow(badOption)
      expect(() => observe('file_open', {}, { at: 'x' as never })).toThrow(badOption)
      expect(refusal(() => attach('file_permission', () => 0, { sleepable: true }))).toMatchObject({
        code: 'not-sleepable',
      })
      expect(refusal(() => modifyReturn('file_release', () => 0))).toMatchObject({ code: 'void-hook' })
      expect(attach('file_open', () => 0, { sleepable: true }).attached).toBe(true)
    })

    test('a program is once on a hook; it may come back', () => {
      const { attach } = aStack()
      const program = () => 0
      const link = attach('file_open', program)
      expect(refusal(() => attach('file_open', program))).toEqual({ code: 'attached-already', errno: -EBUSY })
      attach('syslog', program)
      link.detach()
      expect(attach('file_open', program).attached).toBe(true)
    })

    test('38 programs are enough for a hook', () => {
      const { attach, observe, modifyReturn } = aStack()
      for (let i = 0; i < 36; i++) attach('file_open', () => 0)
      observe('file_open', { entry() {}, exit() {} }, { at: 'bpf_lsm' })
      expect(refusal(() => attach('file_open', () => 0))).toEqual({ code: 'too-many-programs', errno: -E2BIG })
      for (let i = 0; i < 38; i++) modifyReturn('file_open', () => 0)
      expect(refusal(() => observe('file_open', { entry() {} }))).toEqual({ code: 'too-many-programs', errno: -E2BIG })
    })
  })

  test('without a place for programs they attach, and nothing calls them', () => {
    const { call, attach } = aStack({}, { programs: null })
    expect(attach('file_open', () => -EPERM).attached).toBe(true)
    expect(call('file_open', ...open)).toBe(0)
  })

  describe('from inside a hook', () => {
    test('a call ends with the members it began with', () => {
      const log: string[] = []
      const bench = aStack({
        file_open: [
          member('first', 0, () => {
            log.push('first')
            bench.attach('file_open', () => (log.push('program'), 0))
            return 0
          }),
          member('last', 2, () => (log.push('last'), 0)),
        ],
      })
      bench.call('file_open', ...open)
      expect(log).toEqual(['first', 'last'])
      bench.call('file_open', ...open)
      expect(log.slice(2).sort()).toEqual(['first', 'last', 'program'])
    })

    test('a program may take itself off', () => {
      const bench = aStack()
      let runs = 0
      const link = bench.attach('file_open', () => {
        runs++
        link.detach()
        return -EPERM
      })
      bench.attach('file_open', () => 0)
      expect(bench.call('file_open', ...open)).toBe(-EPERM)
      expect(bench.call('file_open', ...open)).toBe(0)
      expect(runs).toBe(1)
    })

    test('a void hook that changes its own members tells those it began with', () => {
      const log: string[] = []
      const bench = aStack({
        file_release: [
          member('a', 0, () => { log.push('a'); link.detach(); throw new Error('bug') }),
          member('b', 2, () => { log.push('b') }),
        ],
      })
      const link = bench.attach('file_release', () => { log.push('program') })
      bench.call('file_release', ...argumentsOf('file_release'))
      expect(log.sort()).toEqual(['a', 'b', 'program'])
    })

    test('a program that reaches its own hook runs again: there is no recursion guard', () => {
      const bench = aStack()
      let depth = 0
      bench.attach('file_open', () => (++depth < 3 ? bench.call('file_open', ...open) : -EPERM))
      expect(bench.call('file_open', ...open)).toBe(-EPERM)
      expect(depth).toBe(3)
    })
  })

  test('a burst of changes loses none', () => {
    const { call, attach } = aStack()
    for (let round = 0; round < 400; round++) {
      const link = attach('file_open', () => -EPERM)
      expect(call('file_open', ...open)).toBe(-EPERM)
      link.detach()
      expect(call('file_open', ...open)).toBe(0)
    }
  })

  describe('around the framework function', () => {
    const log: string[] = []
    const says = (name: string, rc: number) => () => (log.push(name), rc)

    test('observers of entry, modifiers, the LSMs, observers of exit', () => {
      log.length = 0
      const { call, observe, modifyReturn } = aStack({ file_open: membersOf(says('lsm', -EPERM)) })
      observe('file_open', { entry: () => log.push('entry 1'), exit: (_file, rc) => log.push(`exit 1: ${rc}`) })
      observe('file_open', { entry: () => log.push('entry 2') })
      modifyReturn('file_open', says('modify 1', 0))
      modifyReturn('file_open', says('modify 2', 0))
      expect(call('file_open', ...open)).toBe(-EPERM)
      expect(log).toEqual(['entry 2', 'entry 1', 'modify 2', 'modify 1', 'lsm', 'exit 1: -1'])
    })

    test('a modified return skips all LSMs, and may be positive', () => {
      log.length = 0
      const { call, modifyReturn, observe, settled } = aStack({ file_open: membersOf(says('lsm', 0)) })
      observe('file_open', { exit: (_file, rc) => log.push(`exit: ${rc}`) })
      const link = modifyReturn('file_open', says('modify', 7))
      expect(call('file_open', ...open)).toBe(7)
      expect(log).toEqual(['modify', 'exit: 7'])
      expect(settled).toMatchObject([{ lsm: 'tracing', rc: 7 }])
      link.detach()
      expect(call('file_open', ...open)).toBe(0)
    })

    test('a modifier stands in front of allocation and guards', () => {
      const { call, modifyReturn } = aStack(
        {},
        {
          env: anEnv({
            blobs: {
              file: {
                alloc() {
                  throw new Error('no')
                },
                free() {},
              },
            },
          }),
        },
      )
      modifyReturn('file_alloc_security', () => -EPERM)
      expect(call('file_alloc_security', {})).toBe(-EPERM)
    })

    test('what an observer throws is reported and changes nothing; what a modifier throws denies', () => {
      const bug = () => { throw new Error('bug') }
      const { call, observe, modifyReturn, faults } = aStack()
      const links = [
        observe('file_open', { entry: bug, exit: bug }),
        observe('file_open', { entry: bug }, { at: 'bpf_lsm' }),
      ]
      expect(call('file_open', ...open)).toBe(0)
      expect(faults.map(({ lsm }) => lsm)).toEqual(['tracing', 'bpf', 'tracing'])
      for (const link of links) link.detach()
      modifyReturn('file_open', bug)
      expect(call('file_open', ...open)).toBe(-EACCES)
    })

    test('void hooks are observed too', () => {
      log.length = 0
      const { call, observe } = aStack({ file_release: membersOf(says('lsm', 0)) })
      observe('file_release', {
        entry: () => log.push('entry'),
        exit: (...args) => log.push(`exit ${args.length} ${args.at(-1)}`),
      })
      call('file_release', ...argumentsOf('file_release'))
      expect(log).toEqual(['entry', 'lsm', 'exit 2 undefined'])
    })
  })

  describe('control groups', () => {
    const root = { parent: null }
    const app = { parent: root }
    const job = { parent: app }
    const other = { parent: root }
    const aGroupedStack = (group: object, members: DispatchOptions['members'] = {}) =>
      aStack(members, {
        env: anEnv({ cgroups: { ofTask: () => group as typeof root, ofSock: (sk: Sock) => (sk as never)['group'] } }),
      })

    test('programs run for tasks in the group and below it', () => {
      const programFor = (group: object) => {
        const { call, attach } = aGroupedStack(group)
        attach('file_open', () => 0, { cgroup: app })
        return call('file_open', ...open)
      }
      expect([root, app, job, other].map(programFor)).toEqual([0, -EPERM, -EPERM, 0])
    })

    test('all of them run: the nearest group first, in the order they were attached', () => {
      const log: string[] = []
      const says = (name: string, rc: number) => () => (log.push(name), rc)
      const { call, attach } = aGroupedStack(job)
      attach('file_open', says('app 1', 0), { cgroup: app })
      attach('file_open', says('app 2', 1), { cgroup: app })
      attach('file_open', says('job', 0), { cgroup: job })
      attach('file_open', says('other', 0), { cgroup: other })
      expect(call('file_open', ...open)).toBe(-EPERM)
      expect(log).toEqual(['job', 'app 1', 'app 2'])
    })

    test.each([
      { what: '1 keeps what was set', sets: -ENOENT, returns: 1, rc: -ENOENT },
      { what: '0 does not replace an error', sets: -ENOENT, returns: 0, rc: -ENOENT },
      { what: '0 replaces what is no error', sets: 5, returns: 0, rc: -EPERM },
      { what: '1 and nothing set agree', sets: 0, returns: 1, rc: 0 },
    ])('$what', ({ sets, returns, rc }) => {
      const { call, attach } = aGroupedStack(app)
      const program = (_file: unknown, retval: { value: number }) => {
        if (sets !== 0) retval.value = sets
        return returns
      }
      attach('file_open', program as never, { cgroup: app })
      expect(call('file_open', ...open)).toBe(rc)
    })

    test('a later program reads and lifts what an earlier one set', () => {
      const { call, attach } = aGroupedStack(app)
      attach('file_open', () => 0, { cgroup: app })
      attach('file_open', ((_file: unknown, retval: { value: number }) => {
        expect(retval.value).toBe(-EPERM)
        retval.value = 0
        return 1
      }) as never, { cgroup: app })
      expect(call('file_open', ...open)).toBe(0)
    })

    test('a value other than 0 and 1 denies and is reported', () => {
      const { call, attach, faults } = aGroupedStack(app)
      attach('file_open', () => -1, { cgroup: app })
      expect(call('file_open', ...open)).toBe(-EACCES)
      expect(faults).toMatchObject([{ kind: 'out-of-range' }])
    })

    test('a call about a socket belongs to the group of the socket', () => {
      const bind = (group: object | null, hook: HookName) => {
        const { call, attach } = aGroupedStack(other)
        attach(hook, () => 0, { cgroup: app })
        return call(hook, { sk: group === null ? null : { group }, group }, 1, 2)
      }
      expect(bind(app, 'socket_bind')).toBe(-EPERM)
      expect(bind(other, 'socket_bind')).toBe(0)
      expect(bind(null, 'socket_bind')).toBe(0)
      expect(bind(app, 'netlink_send')).toBe(-EPERM)
      expect(bind(app, 'sk_alloc_security')).toBe(0)
    })

    test('their answer stands among the other programs', () => {
      const log: string[] = []
      const { call, attach } = aGroupedStack(app)
      attach('file_open', () => (log.push('before'), -ENOENT))
      attach('file_open', () => (log.push('group'), 0), { cgroup: app })
      const last = attach('file_open', () => (log.push('last'), -EACCES))
      expect(call('file_open', ...open)).toBe(-EACCES)
      last.detach()
      expect(call('file_open', ...open)).toBe(-EPERM)
      expect(log).toEqual(['last', 'group'])
    })

    test('64 programs a group, ten hooks a stack; both are given back', () => {
      const { attach } = aGroupedStack(app)
      const link = attach('file_open', () => 1, { cgroup: app })
      for (let i = 1; i < 64; i++) attach('file_open', () => 1, { cgroup: app })
      expect(refusal(() => attach('file_open', () => 1, { cgroup: app }))).toEqual({
        code: 'too-many-programs',
        errno: -E2BIG,
      })
      link.detach()
      attach('file_open', () => 1, { cgroup: app })
      const hooks: HookName[] = [
        'syslog',
        'quota_on',
        'sb_statfs',
        'sb_umount',
        'move_mount',
        'file_lock',
        'file_fcntl',
        'file_ioctl',
        'task_kill',
      ]
      const links = hooks.map((hook) => attach(hook, () => 1, { cgroup: app }))
      expect(refusal(() => attach('task_getsid', () => 1, { cgroup: app }))).toEqual({
        code: 'too-many-hooks',
        errno: -E2BIG,
      })
      links[0]!.detach()
      expect(attach('task_getsid', () => 1, { cgroup: app }).attached).toBe(true)
    })

    test('the same program once a group; none may sleep', () => {
      const { attach } = aGroupedStack(app)
      const program = () => 1
      attach('file_open', program, { cgroup: app })
      attach('file_open', program, { cgroup: job })
      expect(refusal(() => attach('file_open', program, { cgroup: app }))).toMatchObject({ code: 'attached-already' })
      expect(refusal(() => attach('file_open', () => 1, { cgroup: app, sleepable: true }))).toMatchObject({
        code: 'not-sleepable',
      })
    })

    test('where nobody knows groups nobody is in one', () => {
      const { call, attach } = aStack()
      attach('file_open', () => 0, { cgroup: root })
      expect(call('file_open', ...open)).toBe(0)
    })
  })

  describe('kernelExact', () => {
    const nopFirst = (members: DispatchOptions['members'], position: number) =>
      aDispatch(strategy, members, { kernelExact: true, programs: { ...programs, position } })

    test('the nops are on every hook and change no ordinary answer', () => {
      const { call, explain } = nopFirst({}, 0)
      for (const { hook, members } of explain()) expect(members, hook).toEqual(['bpf'])
      for (const hook of ['file_open', 'secid_to_secctx', 'inode_permission'] as const) {
        expect(call(hook, ...argumentsOf(hook))).toBe(hookDefs[hook].default)
      }
    })

    test.each([
      { place: 'before', position: 0, rc: -EINVAL },
      { place: 'after', position: 2, rc: 9 },
    ])('bpf $place a major: getprocattr without an id answers $rc', ({ position, rc }) => {
      const { call } = nopFirst({ getprocattr: [member('major', 1, () => 9, 102)] }, position)
      expect(call('getprocattr', task, 0, 'current', { value: null })).toBe(rc)
      expect(call('getprocattr', task, 102, 'current', { value: null })).toBe(9)
    })

    test('the nop answers xfrm_state_pol_flow_match, and takes the refusal from sb_set_mnt_opts', () => {
      const { call } = nopFirst({ xfrm_state_pol_flow_match: [member('major', 1, () => 0)] }, 0)
      expect(call('xfrm_state_pol_flow_match', {}, {}, {})).toBe(1)
      expect(call('sb_set_mnt_opts', {}, {}, 0, {})).toBe(0)
      expect(aStack().call('sb_set_mnt_opts', {}, {}, 0, {})).toBe(-EOPNOTSUPP)
    })

    test('programs answer as they do without it', () => {
      const { call, attach } = nopFirst({ file_open: membersOf(() => 0) }, 1)
      const link = attach('file_open', () => -EPERM)
      expect(call('file_open', ...open)).toBe(-EPERM)
      link.detach()
      expect(call('file_open', ...open)).toBe(0)
    })
  })
})

describe.each(strategyNames.filter((name) => name !== 'krsi-v4'))('%s: the place of programs', (strategy) => {
  const aStack = (members: DispatchOptions['members'] = {}) => aDispatch(strategy, members, { programs })

  test('they stand at the place of their LSM', () => {
    const log: string[] = []
    const { call, attach } = aStack({
      file_open: [
        member('before', 0, () => (log.push('before'), 0)),
        member('after', 2, () => (log.push('after'), -EPERM)),
      ],
    })
    attach('file_open', () => (log.push('program'), -EACCES))
    expect(call('file_open', ...open)).toBe(-EACCES)
    expect(log).toEqual(['before', 'program'])
  })

  test('a program whose answer is the default of the hook lets the other LSMs be asked, but no other program', () => {
    const log: string[] = []
    const { call, attach } = aStack({ secid_to_secctx: [member('after', 2, () => (log.push('after'), 0))] })
    attach('secid_to_secctx', () => (log.push('first'), -EACCES))
    attach('secid_to_secctx', () => (log.push('last'), -EOPNOTSUPP))
    expect(call('secid_to_secctx', 1, {}, {})).toBe(0)
    expect(log.sort()).toEqual(['after', 'last'])
  })

  test('observers of the programs see their answer, not that of the hook', () => {
    const log: string[] = []
    const says = (name: string, rc: number) => () => (log.push(name), rc)
    const { call, attach, observe } = aStack({ file_open: [member('after', 2, says('after', -EPERM))] })
    observe(
      'file_open',
      { entry: () => log.push('entry'), exit: (_file, rc) => log.push(`exit ${rc}`) },
      { at: 'bpf_lsm' },
    )
    attach('file_open', says('program', 0))
    expect(call('file_open', ...open)).toBe(-EPERM)
    expect(log.filter((line) => line !== 'after')).toEqual(['entry', 'program', 'exit 0'])
  })
})

test('krsi-v4: programs come last, wherever their LSM stands', () => {
  const log: string[] = []
  const { call, attach, explain } = aDispatch('krsi-v4', {
    file_open: [member('after', 2, () => (log.push('after'), 0))],
  }, { programs })
  attach('file_open', () => (log.push('program'), 0))
  call('file_open', ...open)
  expect(log).toEqual(['after', 'program'])
  expect(explain().find(({ hook }) => hook === 'file_open')!.form).toBe('list, then programs')
})

const forms = (strategy: StrategyName) => {
  const bench = aDispatch(strategy, { syslog: membersOf(() => 0) }, { programs })
  const formOf = (hook: HookName) => bench.explain().find((report) => report.hook === hook)!.form
  return { ...bench, formOf }
}

test('swap: what is changed once is specialised at once; a burst is served by a list until it is over', () => {
  let now = 0
  vi.spyOn(performance, 'now').mockImplementation(() => now)
  const { call, attach, formOf } = forms('swap')
  expect([formOf('file_open'), formOf('syslog'), formOf('task_prctl')]).toEqual(['empty', 'flat', 'walk'])
  const link = attach('file_open', () => 0)
  expect(formOf('file_open')).toBe('flat')
  link.detach()
  attach('file_open', () => -EPERM)
  expect(formOf('file_open')).toBe('list, until changes settle')
  now += 40
  for (let i = 0; i < 300; i++) expect(call('file_open', ...open)).toBe(-EPERM)
  expect(formOf('file_open')).toBe('flat')
  expect(formOf('syslog')).toBe('flat')
})

test('static-key: the switch is off while nobody is on the hook', () => {
  const { attach, formOf } = forms('static-key')
  expect(formOf('file_open')).toBe('switched off')
  const link = attach('file_open', () => 0)
  expect(formOf('file_open')).toBe('list')
  link.detach()
  expect(formOf('file_open')).toBe('switched off')
})
