/** For tests: a stack with capabilities and SafeSetID, its files, and a task whose ids change. */
import { S_IFREG } from '@lsmkit/abi'
import { cap_capable, createStack, defineLsm, noHost } from '@lsmkit/core'
import type { Cred, Host, PseudoFile, PseudoIo, Task } from '@lsmkit/core'
import { ask, buildersFor } from '@lsmkit/testkit'
import { safesetid } from '../src/lsm.ts'
import type { SafeSetIdOptions } from '../src/lsm.ts'

/** Without the rules that @lsmkit/capability has for changes of ids: what is refused here SafeSetID refuses. */
const capabilities = () =>
  defineLsm({
    name: 'capability',
    abi: '1.0', id: 100, order: 'first', hooks: { capable: (cred, ns, cap) => cap_capable(cred, ns, cap) },
  })

export const aSafeSetId = (options: SafeSetIdOptions = {}) => {
  const log: string[] = []
  const stack = createStack({ lsms: [capabilities(), safesetid({ printk: (line) => log.push(line), ...options })] })
  const build = buildersFor(stack)
  const killed: [Task, number][] = []
  const setHost = (more: Partial<Host> = {}) => {
    stack.host = {
      ...noHost,
      services: { send_signal: (task: Task, signal: number) => (killed.push([task, signal]), 0) } as never,
      ...more,
    }
  }
  setHost()
  const root = build.aTask({ uid: 0 })
  stack.current.task = root

  const files = stack.pseudoFs.at(-1)!.files()
  const file = (kind: 'uid' | 'gid'): PseudoFile => files.find(({ name }) => name.includes(`${kind}_`))!
  const io = (kind: 'uid' | 'gid', opener: Task, pos: number): PseudoIo => ({
    file: build.aFile({ inode: build.anInode({ i_mode: S_IFREG | file(kind).mode }), f_cred: opener.cred }),
    pos, answer: null, state: null,
  })
  const write = (kind: 'uid' | 'gid', text: string, { opener = root, pos = 0 } = {}): number =>
    file(kind).write!(io(kind, opener, pos), Uint8Array.from(text, (char) => char.charCodeAt(0)))
  const shown = (kind: 'uid' | 'gid'): string =>
    new TextDecoder('latin1').decode(file(kind).read!(io(kind, root, 0)) as Uint8Array)

  /** What a task of these ids is answered when it wants those. */
  const setuid = (from: Ids, to: Ids) => ask(stack, 'task_fix_setuid', credOf('uid', to), own('uid', from), 0)
  const setgid = (from: Ids, to: Ids) => ask(stack, 'task_fix_setgid', credOf('gid', to), own('gid', from), 0)
  const setgroups = (from: Ids, gid: number[]) => {
    const next = credOf('gid', from)
    next.group_info = { gid }
    return ask(stack, 'task_fix_setgroups', next, own('gid', from))
  }
  const credOf = (kind: 'uid' | 'gid', [real, effective = real, saved = real, fs = effective]: Ids): Cred => {
    const { cred } = build.aTask({ uid: 0 })
    const e = `e${kind}` as const
    cred[kind] = real
    cred[e] = effective
    cred[`s${kind}`] = saved
    cred[`fs${kind}`] = fs
    return cred
  }
  /** The real uid, by which groups are looked up, is the real gid's number here, so that the quirk does not show. */
  const own = (kind: 'uid' | 'gid', ids: Ids): Cred => {
    const cred = credOf(kind, ids)
    cred.uid = ids[0]
    return cred
  }
  return { stack, build, log, killed, root, files, setHost, write, shown, setuid, setgid, setgroups, credOf }
}

/** Real, effective, saved, file system; each as the one before it unless given. */
export type Ids = readonly [real: number, effective?: number, saved?: number, fs?: number]
