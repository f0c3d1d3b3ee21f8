import { inspect } from 'node:util'
import { EACCES, EPERM, LSM_ID_BPF, LSM_ID_SELINUX, LSM_ID_SMACK } from '@lsmkit/abi'
import { describe, expect, test } from 'vitest'
import { createStack, defineBlob, defineLsm, LsmkitError, noHost, ref } from './index.ts'
import type { Cred, HookGroup, Inode, Lsm, LsmContext, LsmOptions, Stack, StackOptions, Task } from './index.ts'
import { LSM_BRAND } from './define-lsm.ts'
import { major, minor } from './module-abi.ts'
import type { ModuleAbi } from './module-abi.ts'

/** An LSM that decides nothing; ids stay clear of each other. */
const quiet = (name: string, more: Partial<LsmOptions> = {}): Lsm =>
  defineLsm({ name, abi: '1.0', hooks: { bprm_committed_creds() {} }, ...more })
/** Only JavaScript can leave it out. */
const withoutAbi = (options: Omit<LsmOptions, 'abi'>): Lsm => defineLsm(options as LsmOptions)
const capability = () => quiet('capability', { order: 'first', hooks: { capable: () => 0 } })
const stackOf = (...lsms: readonly Lsm[]) => createStack({ lsms, capability: 'none' })

const failure = (act: () => unknown): LsmkitError => {
  try {
    act()
  } catch (error) {
    if (error instanceof LsmkitError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

describe('mistakes that throw', () => {
  const again = quiet('again')
  stackOf(again)
  const stranger = (brand: object): Lsm => ({ ...quiet('stranger'), [LSM_BRAND]: brand }) as unknown as Lsm
  const writtenFor = (abi: string): Lsm => quiet('own', { abi: abi as ModuleAbi })
  const blob = defineBlob((_task: Task) => 0)
  const tracing = (name: string) => quiet(name, { blobs: { task: defineBlob((_task: Task) => 0) } })
  const nine = () => ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'].map(tracing)
  const sharing = (name: string) => quiet(name, { blobs: { task: blob } })
  const early = ({ lsm: { file_permission } }: LsmContext): HookGroup =>
    ({ file_open: (file) => file_permission.ask(file, 0) })
  const failing = () => {
    throw new Error('x')
  }
  const one = quiet('one')
  const mistakes: readonly { say: string; options: () => unknown; code: string; place: string; hint?: RegExp }[] = [
    { say: 'no options', options: () => undefined, code: 'bad-option', place: 'createStack' },
    { say: 'no list', options: () => ({}), code: 'bad-option', place: 'createStack', hint: /capability\(\)/ },
    {
      say: 'a misspelt option', options: () => ({ lsms: [], comand: '' }), code: 'unknown-option',
      place: 'createStack',
    },
    {
      say: 'a misspelt option near another', options: () => ({ lsms: [], cmdlin: '' }), code: 'unknown-option',
      place: 'createStack', hint: /`cmdline`/,
    },
    {
      say: 'a strategy that does not exist', options: () => ({ lsms: [], dispatch: 'fast' }), code: 'bad-option',
      place: 'createStack',
    },
    {
      say: 'a profile that does not exist', options: () => ({ lsms: [], profile: '5.4' }), code: 'bad-option',
      place: 'createStack',
    },
    {
      say: 'a command line that is not text', options: () => ({ lsms: [], cmdline: 1 }), code: 'bad-option',
      place: 'createStack',
    },
    {
      say: 'no capability', options: () => ({ lsms: [quiet('a')] }), code: 'no-capability', place: 'lsms',
      hint: /'none'/,
    },
    {
      say: 'capability by name only', options: () => ({ lsms: [quiet('capability')] }), code: 'no-capability',
      place: 'lsms',
    },
    { say: 'an empty list', options: () => ({ lsms: [] }), code: 'no-capability', place: 'lsms' },
    {
      say: 'a factory that was not called', options: () => ({ lsms: [capability] }), code: 'not-an-lsm',
      place: 'lsms[0]', hint: /call the factory/,
    },
    {
      say: 'a plain object', options: () => ({ lsms: [{ name: 'a', hooks: {} }] }), code: 'not-an-lsm',
      place: 'lsms[0]', hint: /defineLsm/,
    },
    { say: 'nothing', options: () => ({ lsms: [null] }), code: 'not-an-lsm', place: 'lsms[0]' },
    {
      say: 'an LSM for a later major', options: () => ({ lsms: [writtenFor(`${major + 1}.0`)] }),
      code: 'abi-mismatch', place: 'lsms[0]', hint: /npm install @lsmkit\/core@latest/,
    },
    {
      say: 'an LSM for a later minor', options: () => ({ lsms: [writtenFor(`${major}.${minor + 1}`)] }),
      code: 'abi-mismatch', place: 'lsms[0]', hint: /npm install @lsmkit\/core@latest/,
    },
    {
      say: 'an LSM for an earlier major', options: () => ({ lsms: [writtenFor(`${major - 1}.7`)] }),
      code: 'abi-mismatch', place: 'lsms[0]', hint: new RegExp(`update \`own\`, or stay .* module ABI ${major - 1}$`),
    },
    {
      say: 'an LSM of another copy of core', options: () => ({ lsms: [stranger({ core: {} })] }),
      code: 'two-cores', place: 'lsms[0]', hint: /one copy/,
    },
    {
      say: 'an instance of another stack', options: () => ({ lsms: [capability(), again] }), code: 'instance-reused',
      place: 'lsms[1]', hint: /once for each stack/,
    },
    { say: 'an instance twice', options: () => ({ lsms: [one, one] }), code: 'instance-reused', place: 'lsms[1]' },
    {
      say: 'a name twice', options: () => ({ lsms: [quiet('a'), quiet('a')] }), code: 'duplicate-name',
      place: 'lsms[1]',
    },
    {
      say: 'an id twice', options: () => ({ lsms: [quiet('a', { id: 200 }), quiet('b', { id: 200 })] }),
      code: 'duplicate-id', place: 'lsms[1]',
    },
    {
      say: 'two that carry programs',
      options: () => ({ lsms: [quiet('a', { carriesPrograms: true }), quiet('b', { carriesPrograms: true })] }),
      code: 'two-carriers', place: 'lsms[1]', hint: /one of them/,
    },
    {
      say: 'nine blobs on tasks', options: () => ({ lsms: nine(), capability: 'none' }), code: 'too-many-blobs',
      place: 'lsms',
    },
    {
      say: 'one blob for two',
      options: () => ({ lsms: [sharing('a'), sharing('b')], capability: 'none' }),
      code: 'blob-shared', place: 'lsms', hint: /defineBlob/,
    },
    {
      say: 'hooks that cannot be made',
      options: () => ({ lsms: [defineLsm({ name: 'a', abi: '1.0', hooks: failing })], capability: 'none' }),
      code: 'hooks-threw', place: 'lsms',
    },
    {
      say: 'init that throws',
      options: () => ({ lsms: [quiet('a', { init: failing })], capability: 'none' }),
      code: 'init-threw', place: 'lsms',
    },
    {
      say: 'the hook table too early',
      options: () => ({ lsms: [defineLsm({ name: 'a', abi: '1.0', hooks: early })], capability: 'none' }),
      code: 'too-early', place: 'lsms', hint: /inside a hook/,
    },
    {
      say: 'a misspelt option of the audit', options: () => ({ lsms: [], audit: { capacty: 1 } }),
      code: 'unknown-option', place: 'createStack: audit', hint: /`capacity`/,
    },
    {
      say: 'allows on a hook that does not exist',
      options: () => ({ lsms: [], capability: 'none', audit: { allows: ['file_opne'] } }), code: 'bad-option',
      place: 'createStack: audit', hint: /`file_open`/,
    },
    {
      say: 'an audit ring of nothing', options: () => ({ lsms: [], capability: 'none', audit: { capacity: 0 } }),
      code: 'bad-option', place: 'createStack: audit',
    },
  ]
  test.each(mistakes)('$say: $code', ({ options, code, place, hint }) => {
    const error = failure(() => createStack(options() as StackOptions))
    expect(error).toMatchObject({ code, place })
    expect(error.message).toMatch(/^[^A-Z]/)
    expect(error.hint ?? '').toMatch(hint ?? /^/)
  })

  test('both versions are told where they do not fit', () => {
    const { summary } = failure(() => stackOf(writtenFor('7.3')))
    expect(summary).toBe(`\`own\` is written for module ABI 7.3, this @lsmkit/core has ${major}.${minor}`)
  })

  test('all that do not fit are named at once, by package, with the command', () => {
    const from = (name: string, abi: string, more: Partial<LsmOptions> = {}): Lsm =>
      quiet(name, { abi: abi as ModuleAbi, ...more })
    const [later, earlier] = [`${major + 1}.0`, `${major - 1}.4`]
    const old = [from('a', earlier, { package: '@me/a' }), from('b', earlier, { package: 'b-lsm' }), from('c', earlier)]
    const both = failure(() => stackOf(old[0]!, quiet('fits'), old[1]!, old[2]!))
    expect(both).toMatchObject({ code: 'abi-mismatch', place: 'lsms[0], lsms[2], lsms[3]' })
    expect(both.summary).toBe('3 LSMs are written for other module ABIs than this @lsmkit/core has '
      + `(${major}.${minor}): \`a\` of @me/a for ${earlier}, \`b\` of b-lsm for ${earlier}, \`c\` for ${earlier}`)
    expect(both.hint).toBe('`npm install @me/a@latest b-lsm@latest`, and update `c`, '
      + `or stay with a release of @lsmkit/core that has module ABI ${major - 1}`)
    const mixed = failure(() => stackOf(from('a', earlier, { package: '@me/a' }), from('b', later)))
    expect(mixed.hint).toBe('`npm install @lsmkit/core@latest @me/a@latest`')
  })

  test('every minor up to that of core is taken', () => {
    for (let least = 0; least <= minor; least++) {
      expect(stackOf(writtenFor(`${major}.${least}`)).names).toContain('own')
    }
  })

  test('an LSM of a copy of core that was really loaded twice', async () => {
    const another = './define-lsm.ts?copy=2'
    const copy = (await import(another)) as { defineLsm: typeof defineLsm }
    const lsm = copy.defineLsm({ name: 'own', abi: '1.0', hooks: {} })
    expect(failure(() => stackOf(lsm)).code).toBe('two-cores')
  })

  test('what a factory or init threw is the cause', () => {
    const cause = new Error('x')
    const lsm = quiet('a', { init: () => { throw cause } })
    expect(failure(() => stackOf(lsm)).cause).toBe(cause)
  })

  test('an LSM refused with its stack can be used when only the list was wrong', () => {
    const lsm = quiet('a')
    failure(() => createStack({ lsms: [lsm, quiet('a')] }))
    expect(stackOf(lsm).names).toEqual(['a'])
  })
})

describe('who runs', () => {
  const majors = () => [
    quiet('smack', { id: LSM_ID_SMACK, legacyMajor: true, exclusive: true }),
    quiet('selinux', { id: LSM_ID_SELINUX, legacyMajor: true, exclusive: true, enabled: true }),
  ]
  test.each([
    { say: 'names the kernel does not know are appended, in order', options: {}, names: 'selinux,b,a' },
    { say: 'cmdline decides alone', options: { cmdline: 'quiet lsm=a,smack' }, names: 'a,smack' },
    { say: 'so does config', options: { config: 'b,selinux' }, names: 'b,selinux' },
    { say: 'security= takes the other major off', options: { cmdline: 'security=smack' }, names: 'smack,b,a' },
    { say: 'selinux=0', options: { cmdline: 'selinux=0' }, names: 'smack,b,a' },
    { say: 'smack=0 is not a variable of its', options: { cmdline: 'smack=0' }, names: 'selinux,b,a' },
    { say: 'exclusive: allow', options: { exclusive: 'allow' as const }, names: 'selinux,smack,b,a' },
    { say: 'unknown and double names are ignored', options: { cmdline: 'lsm=a,,nosuch,a' }, names: 'a' },
  ])('$say', ({ options, names }) => {
    const stack = createStack({ lsms: [...majors(), quiet('b'), quiet('a')], capability: 'none', ...options })
    expect(stack.names.join(',')).toBe(names)
  })

  test('early ones, capability, and last ones stand where they must', () => {
    const stack = createStack({
      lsms: [
        quiet('evm', { order: 'last', id: 112 }), quiet('own', { id: 300 }), capability(),
        quiet('lockdown', { early: true, id: 108 }),
      ],
    })
    expect(stack.names).toEqual(['lockdown', 'capability', 'own', 'evm'])
    expect(stack.ids).toEqual([108, 0, 300, 112])
    expect(stack.order.initializing).toBe('initializing lsm=lockdown,capability,own,evm')
  })

  test('a disabled LSM is not asked for its hooks, its init or its files', () => {
    const asked: string[] = []
    const lsm = defineLsm({
      name: 'off',
      abi: '1.0',
      hooks: () => {
        asked.push('hooks')
        return {}
      },
      init: () => void asked.push('init'),
      pseudoFs: () => {
        asked.push('files')
        return []
      },
    })
    createStack({ lsms: [lsm], capability: 'none', config: '' })
    expect(asked).toEqual([])
  })

  test('one without hooks runs but is not named, as in the kernel', () => {
    const stack = stackOf(defineLsm({ name: 'silent', abi: '1.0', hooks: {} }), quiet('own'))
    expect(stack.order.initOrder).toEqual(['silent', 'own'])
    expect(stack.names).toEqual(['own'])
  })

  test('lsm_list_modules and the securityfs file', () => {
    const stack = createStack({ lsms: [capability(), quiet('own', { id: 300 })] })
    const size = ref<number | null>(8)
    expect(stack.listModules(null, size)).toBe(-7)
    expect(size.value).toBe(16)
    const ids = new Uint8Array(16)
    expect(stack.listModules(ids, size)).toBe(2)
    expect(new DataView(ids.buffer).getBigUint64(8, true)).toBe(300n)
    const [file] = stack.pseudoFs[0]!.files()
    expect(stack.pseudoFs[0]).toMatchObject({ type: 'securityfs', mountPoint: '/sys/kernel/security' })
    expect(file!.read!({} as never)).toBe('capability,own')
  })
})

describe('what an LSM is handed', () => {
  test('init runs in order, in the idle task, and its result only warns', () => {
    const seen: unknown[] = []
    const init = ({ current: { task }, lsmid, lsm }: LsmContext) => {
      seen.push([lsmid, task.pid, task.comm, task.cred.uid, lsm.task_getsid.ask(task)])
      return -1
    }
    const stack = stackOf(quiet('a', { id: 201, init }), quiet('b', { id: 202, init }))
    expect(seen).toEqual([[201, 0, 'swapper', 0, 0], [202, 0, 'swapper', 0, 0]])
    expect(stack.explain().toJSON().warnings).toContain('`init` of `a` failed; its hooks stay')
    expect(stack.names).toEqual(['a', 'b'])
  })

  test('init_task and init_cred have their state already', () => {
    const onCred = defineBlob((_cred: Cred) => ({ sid: 1 }))
    const onTask = defineBlob((task: Task) => ({ pid: task.pid }))
    let sids: number[] = []
    stackOf(defineLsm({
      name: 'a',
      abi: '1.0',
      blobs: { cred: onCred, task: onTask },
      hooks: { task_free() {} },
      init: ({ current: { task } }) => void (sids = [onCred(task.cred).sid, onTask(task).pid]),
    }))
    expect(sids).toEqual([1, 0])
  })

  test('the host stays the same object when a kernel puts itself behind it', () => {
    let held: LsmContext['host'] | undefined
    const stack = stackOf(defineLsm({
      name: 'a', abi: '1.0', hooks: ({ host }) => ((held = host), { task_free() {} }),
    }))
    expect(held!.dac_mmap_min_addr).toBe(65536)
    stack.host = { ...noHost, dac_mmap_min_addr: 4096 }
    expect(held!.dac_mmap_min_addr).toBe(4096)
    expect(stack.host).toBe(held)
  })

  test('declared file trees are those of enabled LSMs', () => {
    const fs = { type: 'ownfs', magic: 1, mountPoint: '/sys/fs/own', files: () => [] }
    expect(stackOf(quiet('a', { pseudoFs: () => [fs] })).pseudoFs.slice(1)).toEqual([fs])
  })
})

describe('decisions', () => {
  test('the last denial names hook, LSM and errno; an answer that grants leaves it', () => {
    const stack = stackOf(defineLsm({
      name: 'own', abi: '1.0', hooks: { task_setnice: (_task, nice) => (nice < 0 ? -EPERM : 0) },
    }))
    const { task } = stack.current
    expect(stack.denial).toBeNull()
    expect(stack.lsm.task_setnice.ask(task, -1)).toBe(-EPERM)
    expect(stack.lsm.task_setnice.ask(task, 1)).toBe(0)
    expect(stack.denial).toEqual({ hook: 'task_setnice', lsm: 'own', rc: -EPERM, reason: null })
  })

  test.each<[what: string, hook: () => unknown, reason: string]>([
    ['an errno without its sign', () => EACCES, 'answered 13; did you mean -EACCES?'],
    ['a number that is no errno', () => 4000, 'answered 4000; answer 0, or -errno to refuse'],
    ['nothing', () => {}, 'answered nothing; answer 0, or -errno to refuse'],
    ['true', () => true, 'answered true; 0 allows and -EACCES refuses'],
    ['a fraction', () => 0.5, 'answered 0.5, which is no 32-bit integer; answer 0, or -errno to refuse'],
    ['a text', () => 'no', 'answered the string no; answer 0, or -errno to refuse'],
    ['an object', () => new Map(), 'answered a Map; answer 0, or -errno to refuse'],
    ['a promise', () => Promise.resolve(0),
      'answered a promise, and a hook cannot wait: answer 0 or -errno at once'],
    ['an error that it throws', () => { throw new Error('a bug') }, 'threw: a bug'],
  ])('a hook that answers %s denies, and the denial says so', (_what, hook, reason) => {
    const stack = stackOf(defineLsm({ name: 'own', abi: '1.0', hooks: { task_getsid: hook as () => number } }))
    expect(stack.lsm.task_getsid.ask(stack.current.task)).toBe(-EACCES)
    expect(stack.denial).toEqual({ hook: 'task_getsid', lsm: 'own', rc: -EACCES, reason })
    expect(stack.audit.records).toMatchObject([
      { kind: 'fault', lsm: 'own', message: reason.replace('threw: ', '') },
      { kind: 'denial', lsm: 'own', rc: -EACCES, reason },
    ])
  })

  test('what an observer threw is no reason of the refusal behind it', () => {
    const stack = stackOf(defineLsm({ name: 'own', abi: '1.0', hooks: { task_getsid: () => -EACCES } }))
    stack.observe('task_getsid', { entry: () => { throw new Error('a bug') } })
    expect(stack.lsm.task_getsid.ask(stack.current.task)).toBe(-EACCES)
    expect(stack.denial).toEqual({ hook: 'task_getsid', lsm: 'own', rc: -EACCES, reason: null })
  })

  test('state follows the object from allocation to free', () => {
    const node = defineBlob((inode: Inode) => ({ mark: inode.i_ino }))
    const hooks: HookGroup = { inode_permission: (inode) => -node(inode).mark }
    const stack = stackOf(defineLsm({ name: 'own', abi: '1.0', blobs: { inode: node }, hooks }))
    const sb = stack.objects.super_block(1, { name: 'tmpfs', fs_flags: 0 }, stack.current.task.cred.user_ns)
    const inode = stack.objects.inode(0o100644, sb, 13)
    expect(stack.lsm.inode_alloc_security.ask(inode)).toBe(0)
    expect(stack.lsm.inode_permission.ask(inode, 4)).toBe(-EACCES)
    stack.lsm.inode_free_security.tell(inode)
    expect(inode.security).toBeNull()
  })

  test('a hook that throws denies; a test stack gets the error', () => {
    const broken = () => defineLsm({
      name: 'own', abi: '1.0', hooks: { task_getsid: () => { throw new Error('a bug') } },
    })
    const stack = stackOf(broken())
    expect(stack.lsm.task_getsid.ask(stack.current.task)).toBe(-EACCES)
    const strict = createStack({ lsms: [broken()], capability: 'none', onFault: 'throw' })
    expect(() => strict.lsm.task_getsid.ask(strict.current.task)).toThrow('a bug')
  })
})

describe('several stacks in one process', () => {
  /** Refuses tasks other than the current one: reads the cell of its own stack. */
  const selfish = (name: string) =>
    defineLsm({
      name, abi: '1.0', hooks: ({ current }) => ({ task_getpgid: (p) => (p === current.task ? 0 : -EPERM) }),
    })

  test('interleave: each has its own current, denials and state', () => {
    const [a, b] = [stackOf(selfish('a')), stackOf(selfish('b'))]
    const aTask = ({ objects, current: { task } }: Stack, pid: number) => objects.task(pid, pid, task.cred, task.cred)
    const [ta, tb] = [aTask(a, 1), aTask(b, 2)]
    for (let round = 0; round < 3; round++) {
      a.current.task = ta
      b.current.task = tb
      expect([a.lsm.task_getpgid.ask(ta), b.lsm.task_getpgid.ask(tb)]).toEqual([0, 0])
      expect([a.lsm.task_getpgid.ask(tb), b.lsm.task_getpgid.ask(ta)]).toEqual([-EPERM, -EPERM])
    }
    expect(a.denial).toMatchObject({ lsm: 'a' })
    expect(b.denial).toMatchObject({ lsm: 'b' })
    expect(a.audit.records).toHaveLength(3)
  })

  test('a call that is suspended finds its task again when the host sets it', async () => {
    const stack = stackOf(selfish('a'))
    const { cred } = stack.current.task
    const read = async (pid: number): Promise<number[]> => {
      const task = stack.objects.task(pid, pid, cred, cred)
      stack.current.task = task
      const before = stack.lsm.task_getpgid.ask(task)
      await Promise.resolve()
      const stale = stack.lsm.task_getpgid.ask(task)
      stack.current.task = task
      return [before, stale, stack.lsm.task_getpgid.ask(task)]
    }
    const [first, second] = await Promise.all([read(1), read(2)])
    // without being set again, current is whoever ran last
    expect(first).toEqual([0, -EPERM, 0])
    expect(second).toEqual([0, -EPERM, 0])
  })

  test('one module-level blob serves LSMs of several stacks', () => {
    const shared = defineBlob((task: Task) => ({ pid: task.pid }))
    const lsm = () => defineLsm({
      name: 'own', abi: '1.0', blobs: { task: shared }, hooks: { task_getsid: (p) => -shared(p).pid },
    })
    for (const other of [[], [quiet('x', { blobs: { task: defineBlob((_task: Task) => 1) } })], []]) {
      const stack = stackOf(...other, lsm())
      const { cred } = stack.current.task
      const task = stack.objects.task(5, 5, cred, cred)
      expect(stack.lsm.task_alloc.ask(task, 0)).toBe(0)
      expect(stack.lsm.task_getsid.ask(task)).toBe(-5)
    }
  })
})

describe('programs', () => {
  test('stand at `bpf`; where it was given and is off, nobody calls them', () => {
    const bpf = () => quiet('bpf', { id: LSM_ID_BPF, carriesPrograms: true })
    const allow = defineLsm({ name: 'own', abi: '1.0', hooks: { task_getsid: () => -EACCES } })
    const on = stackOf(bpf(), allow)
    on.attach('task_getsid', () => -EPERM)
    expect(on.lsm.task_getsid.ask(on.current.task)).toBe(-EPERM)
    const off = createStack({ lsms: [bpf()], capability: 'none', cmdline: 'lsm=' })
    off.attach('task_getsid', () => -EPERM)
    expect(off.lsm.task_getsid.ask(off.current.task)).toBe(0)
  })
})

describe('explain', () => {
  const stack = createStack({
    lsms: [
      capability(),
      withoutAbi({
        name: 'own', id: 300, exclusive: true, xattrs: 1,
        blobs: { inode: defineBlob((_inode: Inode) => 0, { size: 40 }) },
        hooks: { file_open: () => 0, inode_permission: () => 0 },
      }),
      quiet('smack', { id: LSM_ID_SMACK, exclusive: true, legacyMajor: true }),
      quiet('lockdown', { id: 108, early: true }),
      quiet('yama', { id: 105 }),
    ],
    cmdline: 'lsm=own,lockdown,smack,nosuch security=smack',
  })

  test('text', () => {
    expect(String(stack.explain())).toBe(`order: lockdown, capability, own
lsm=own,lockdown,smack,nosuch security=smack

capability  0    enabled   always first
own         300  enabled   named by \`lsm=\`
smack       102  disabled  \`own\` is exclusive too, and came first
lockdown    108  enabled   started early, in front of all others
yama        105  disabled  not named by \`lsm=\`

4 of 271 hooks in use

capable               capability  flat
bprm_committed_creds  lockdown    flat
inode_permission      own         flat, gate
file_open             own         flat

inode  56 bytes  own 40 at 16 (alone)

room for 1 attributes on a new inode

dispatch: swap (the default)

warning: \`security=\` is ignored because \`lsm=\` is given
warning: \`lsm=\` names \`lockdown\`, which is early: no list can name it
warning: \`lsm=\` names \`nosuch\`, which no LSM of this stack has
warning: \`own\` does not say which module ABI it is for (\`abi: '1.0'\`)
`)
  })

  test('data', () => {
    const data = JSON.parse(JSON.stringify(stack.explain()))
    expect(data).toMatchObject({
      profile: '6.12', order: ['lockdown', 'capability', 'own'], lsmParam: 'own,lockdown,smack,nosuch', hookCount: 271,
      dispatch: { strategy: 'swap', why: 'the default' },
    })
    expect(data.lsms[1]).toEqual({
      name: 'own', id: 300, abi: null, enabled: true, why: 'named by `lsm=`', exclusive: true,
      permissive: false, obeyed: [], hooks: ['file_open', 'inode_permission'],
    })
  })

  test.each([
    { say: 'no capability', options: { capability: 'none' as const }, warning: /^NOBODY CHECKS CAPABILITIES/ },
    {
      say: 'exclusive ones together', options: { exclusive: 'allow' as const, cmdline: 'lsm=x,y' },
      warning: /^`x` and `y` are exclusive/,
    },
    { say: 'an unknown name in config', options: { config: 'a,nosuch' }, warning: /^`config` names `nosuch`/ },
    { say: 'a module without an ABI', options: {}, warning: /^`a` does not say .*`abi: '1\.0'`/ },
    { say: 'faults that throw', options: { onFault: 'throw' as const }, warning: /rethrown/ },
  ])('warns of $say', ({ options, warning }) => {
    const [x, y] = [quiet('x', { exclusive: true }), quiet('y', { exclusive: true })]
    const lsms = [capability(), x, y, quiet('a', { abi: undefined })]
    expect(createStack({ lsms, ...options }).explain().toJSON().warnings.filter((w) => warning.test(w))).toHaveLength(1)
  })

  test('prints itself, in Node and where inspect has another name', () => {
    const explanation = createStack({ lsms: [capability()] }).explain()
    expect(inspect(explanation)).toBe(String(explanation).trimEnd())
    expect(inspect({ explanation }, { depth: 9 })).toContain('dispatch: swap')
  })

  test('is no wider than 80 columns, whoever is in the stack', () => {
    const blob = () => ({ inode: defineBlob((_inode: Inode) => 0, { size: 1000 }) })
    const lsms = Array.from({ length: 8 }, (_, i) =>
      defineLsm({
        name: `a-module-with-a-long-name-${i}`, abi: '1.0', blobs: blob(), hooks: { inode_permission: () => 0 },
      }))
    const config = lsms.map(({ name }) => name).join(',')
    const explanation = createStack({ lsms: [capability(), ...lsms], config }).explain()
    const lines = String(explanation).split('\n')
    expect(lines.filter((line) => line.length > 80)).toEqual([])
    for (const { name } of lsms) expect(lines.filter((line) => line.includes(name)).length).toBeGreaterThan(4)
  })

  test('does not warn of the default list, which names what nobody has', () => {
    expect(createStack({ lsms: [capability()] }).explain().toJSON().warnings).toEqual([])
  })

  test('an attached program shows', () => {
    const own = createStack({ lsms: [capability()] })
    const link = own.attach('file_open', () => 0)
    expect(own.explain().toJSON().hooks.map(({ hook }) => hook)).toContain('file_open')
    link.detach()
    expect(own.explain().toJSON().hooks.map(({ hook }) => hook)).not.toContain('file_open')
  })
})
