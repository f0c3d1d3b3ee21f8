/**
 * A walk that a module sends out of the mode that may not sleep asks everything again, as `may_lookup` does. A module
 * that says beforehand that it sends all of them away is asked once, and nothing else is another.
 */
import { AT_FDCWD, EACCES, ECHILD, EPERM, MAY_NOT_BLOCK, O_RDONLY, RESOLVE_CACHED, S_PRIVATE } from '@lsmkit/abi'
import { alwaysBlocks, defineLsm } from '@lsmkit/core'
import type { HookMap, Inode, Stack } from '@lsmkit/core'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bootForTest } from '../../testing/boot.ts'
import { fget } from '../../state/vfs/fdtable.ts'
import { Kstat } from '../../state/vfs/kstat.ts'

interface Sleeper {
  /** It says beforehand that it always sleeps. */
  readonly says: boolean
  /** Whether what it says is true at the moment. */
  readonly always?: boolean
  /** A module in front of it has no opinion. */
  readonly front?: boolean
  /** Somebody looks at each answer. */
  readonly observed?: boolean
}

/** What is asked of the modules, in order, and nothing until `look`. */
const boot = ({ says, always = true, front = false, observed = false }: Sleeper) => {
  const asked: string[] = []
  const watch = { on: false, about: null as Inode | null, refused: null as Inode | null }
  const note = (text: string): void => void (watch.on && asked.push(text))
  const name = (inode: Inode): string => (watch.about === null ? `${inode.i_ino} ` : '')
  const inode_permission: HookMap['inode_permission'] = (inode, mask) => {
    if (!watch.on || (watch.about !== null && inode !== watch.about)) return 0
    const blocks = (mask & MAY_NOT_BLOCK) === 0
    note(`${name(inode)}${blocks ? 'again' : 'first'}`)
    return blocks ? (inode === watch.refused ? -EPERM : 0) : -ECHILD
  }
  const sleeper = defineLsm({
    name: 'sleeper',
    abi: '1.0',
    id: 200,
    hooks: {
      inode_permission: says ? alwaysBlocks(inode_permission, { always }) : inode_permission,
      capable: () => (note('capable'), 0),
    },
  })
  const before = defineLsm({
    name: 'front',
    abi: '1.0',
    hooks: { inode_permission: (inode, mask) => (note(`${name(inode)}front ${mask}`), 0) },
  })
  const kernel = bootForTest({ lsms: front ? [before, sleeper] : [sleeper] })
  const stack = kernel.machine.stack as Stack
  if (observed) stack.observe('inode_permission', { entry: (_inode, mask) => note(`observed ${mask}`) })
  const root = kernel.init.fs as unknown as { root: { dentry: { d_inode: Inode } } }
  const look = (about: Inode | null, refused: Inode | null = null) =>
    Object.assign(watch, { on: true, about, refused })
  return { ...kernel, stack, asked, dir: root.root.dentry.d_inode, look, away: () => (watch.on = false) }
}

const USER = 1000
describe.each([{ says: false }, { says: true }, { says: true, always: false }])('%j', (sleeper) => {
  const first = sleeper.says && sleeper.always !== false ? [] : ['first']
  test.each([
    { mode: 0o711, owner: 0, uid: USER, asked: [...first, 'again'] },
    { mode: 0o755, owner: 0, uid: 0, asked: [...first, 'again'] },
    // the owner's bits alone let it in
    { mode: 0o700, owner: USER, uid: USER, asked: ['first', 'again'] },
    // a capability does, and is asked for twice
    { mode: 0o700, owner: USER, uid: 0, asked: ['capable', 'first', 'capable', 'again'] },
    // everybody but the owner: what the mode says of others is not the owner's
    { mode: 0o611, owner: USER, uid: USER, asked: [], rc: -EACCES },
  ])('$mode of $owner, by $uid', ({ mode, owner, uid, asked, rc = 0 }) => {
    const { sys, init, fork, dir, look, away, asked: seen } = boot(sleeper)
    const task = fork(init, uid)
    sys.mkdir(init, '/below', 0o755)
    sys.chown(init, '/', owner, owner)
    sys.chmod(init, '/', mode)
    look(dir)
    expect([sys.stat(task, '/below', new Kstat()), seen]).toEqual([rc, asked])
    away()
  })
})

test('a private directory is passed without a question, and the next one is asked', () => {
  const answers = [false, true].map((says) => {
    const { sys, init, dir, look, asked } = boot({ says })
    sys.mkdir(init, '/below', 0o755)
    sys.mkdir(init, '/below/it', 0o755)
    dir.i_flags |= S_PRIVATE
    look(null)
    expect(sys.stat(init, '/below/it', new Kstat())).toBe(0)
    return asked.map((text) => text.replace(/^\d+ /, ''))
  })
  expect(answers).toEqual([['first', 'again'], ['again']])
})

const MODES = [0o755, 0o711, 0o700, 0o750, 0o777]
const PATHS = ['/', '/a', '/a/b', '/a/b/f', '/a/b/../b/f', '/l', '/l/f', '/a/none', '/a/b/f/x', '/none/x', '//a//b//']
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ call: fc.constantFrom('stat' as const, 'cached' as const), uid: fc.nat(1),
    path: fc.constantFrom(...PATHS), refuses: fc.constantFrom(null, '/', '/a', '/a/b') }) },
  { weight: 1, arbitrary: fc.record({ call: fc.constant('chmod' as const), mode: fc.constantFrom(...MODES),
    path: fc.constantFrom('/', '/a', '/a/b') }) },
)
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never

/** Answers and questions of a sequence. */
const run = (sleeper: Sleeper, steps: readonly Step[]) => {
  const { sys, init, fork, dir, look, away, asked, stack } = boot(sleeper)
  const users = [init, fork(init, USER)]
  sys.mkdir(init, '/a', 0o755)
  sys.mkdir(init, '/a/b', 0o755)
  sys.symlink(init, '/a/b', '/l')
  sys.close(init, sys.creat(init, '/a/b/f', 0o644))
  const inodeAt = (path: string): Inode => {
    const fd = sys.openat(init, AT_FDCWD, path, O_RDONLY, 0)
    const inode = fget(init, fd)!.f_inode
    sys.close(init, fd)
    return inode
  }
  const inodes = new Map([['/', dir], ...['/a', '/a/b'].map((path) => [path, inodeAt(path)] as const)])
  const answers = steps.map((given) => {
    if (given.call === 'chmod') return sys.chmod(init, given.path, given.mode)
    look(null, given.refuses === null ? null : inodes.get(given.refuses)!)
    const task = users[given.uid]!
    const how = { flags: O_RDONLY, mode: 0, resolve: RESOLVE_CACHED }
    const rc = given.call === 'stat'
      ? sys.stat(task, given.path, new Kstat())
      : sys.openat2(task, AT_FDCWD, given.path, how)
    away()
    if (given.call === 'cached' && rc >= 0) sys.close(task, rc)
    return rc
  })
  const records = stack.audit.records.map((record) => [record.kind, 'hook' in record ? record.hook : null])
  return { answers, asked, records }
}

test.each([
  { name: 'alone', about: {}, leavesOut: true },
  { name: 'behind another module', about: { front: true }, leavesOut: false },
  { name: 'observed', about: { observed: true }, leavesOut: false },
  { name: 'where it says so no more', about: { always: false }, leavesOut: false },
])('the same answers, questions and records whether it says so or not: $name', ({ about, leavesOut }) => {
  let left = 0
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      const [plain, said] = [false, true].map((says) => run({ says, ...about }, steps))
      const kept = leavesOut ? plain!.asked.filter((text) => !text.endsWith('first')) : plain!.asked
      left += plain!.asked.length - said!.asked.length
      const asked = leavesOut ? said!.asked.filter((text) => !text.endsWith('first')) : said!.asked
      expect({ ...said!, asked }).toEqual({ ...plain!, asked: kept })
    }),
    { numRuns: 25 },
  )
  expect(left > 0).toBe(leavesOut)
}, 60_000)
