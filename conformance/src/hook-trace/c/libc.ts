/** Runs a row's own C text in a world: what a row has no written operation for. */
import * as abi from '@lsmkit/abi'
import type { Calls, World } from '../world.ts'
import { BPF_HEADERS, bpfCalls, withAttr } from './bpf.ts'
import { fileCalls } from './files.ts'
import { GLOBALS, HEADERS } from './headers.ts'
import { IPC_GLOBALS, IPC_HEADERS, ipcCalls } from './ipc.ts'
import { keyCalls } from './keys.ts'
import { ChildEnds, CMachine, FIRST, MEMORY } from './machine.ts'
import { PERF_HEADERS, perfCalls, withPerf } from './perf.ts'
import { SOCKET_GLOBALS, SOCKET_HEADERS, socketCalls } from './sockets.ts'
import { signatureCalls } from './signatures.ts'
import { stringCalls } from './strings.ts'
import type { Builtin, Functions } from './machine.ts'
import { processCalls } from './processes.ts'

/** Names of the recorder's programs that no header has. */
const OWN_NAMES: Readonly<Record<string, number>> = {
  NULL: 0, CWD: abi.AT_FDCWD, SIG_DFL: 0, SIG_IGN: 1, SIGEV_SIGNAL: 0, SIGEV_NONE: 1, ADJ_SETOFFSET: 0x100,
  O_ASYNC: 0o20000, FASYNC: 0o20000, O_NDELAY: abi.O_NONBLOCK,
}

const constant = (name: string): number | undefined => {
  const value = OWN_NAMES[name] ?? (abi as Readonly<Record<string, unknown>>)[name]
  return typeof value === 'number' ? value : typeof value === 'bigint' ? Number(value) : undefined
}

/** `rcvr`: sleeps in msgrcv on the queue `gq`, as a task that is scheduled out. */
const sleepInMsgrcv = (m: CMachine, world: World, calls: Calls): void => {
  calls.msgrcv(m.view.getInt32(m.addressOf('gq')!, true), { mtype: 0, mtext: new Uint8Array() }, 64, 0, 0)
  world.kernel.machine.sleepOn!.subscribe(() => {})
}

const NAMESPACES =
  abi.CLONE_NEWUTS | abi.CLONE_NEWNET | abi.CLONE_NEWNS | abi.CLONE_NEWIPC | abi.CLONE_NEWPID | abi.CLONE_NEWCGROUP

/** What `kid` may run in the child, by the name of the C function. */
const kidFunctions = (m: CMachine, world: World): Readonly<Record<string, (calls: Calls) => void>> => ({
  rcvr: (calls) => sleepInMsgrcv(m, world, calls),
  openf: world.openf,
  ns_all: (calls) => {
    calls.unshare(NAMESPACES)
  },
  ns_user: (calls) => {
    calls.unshare(abi.CLONE_NEWUSER)
  },
})
const inKid = (m: CMachine, world: World, name: string | null): ((calls: Calls) => void) => {
  if (name === null) return () => {}
  const run = kidFunctions(m, world)[name.slice(1)]
  if (run === undefined) throw new Error(`no kid \`${name}\``)
  return run
}

const helpers = (m: CMachine, world: World): Record<string, Builtin> => ({
  mkf: (name, mode) => {
    world.mkf(m.text(name)!, mode)
    return 0
  },
  of: (flags) => world.openFile(flags),
  cpf: (_program, name, mode) => {
    world.cpf(m.text(name)!, mode)
    return 0
  },
  user: () => {
    world.user()
    return 0
  },
  mns: () => {
    world.mns()
    return 0
  },
  ovlm: () => {
    world.ovlm()
    return 0
  },
  kid: (uid, then) => world.kid(uid, inKid(m, world, m.text(then))),
  pp: (pid, name) => m.string(`/proc/${pid}/${m.text(name)}`),
  makedev: (major, minor) => (major << 8) | minor,
  nap: () => 0,
  usleep: () => 0,
  sleep: () => 0,
  ...Object.fromEntries(Object.keys(kidFunctions(m, world)).map((name) => [name, () => 0])),
  signal: (sig, what) =>
    world.sys.rt_sigaction(sig, { handler: what === 1 ? 'ignore' : 'default', flags: 0, mask: 0n }, null, 8),
})

/** Calls that take numbers alone need nothing but their name. */
const plain = (world: World, name: string): Builtin | undefined => {
  const call = (world.sys as unknown as Record<string, Builtin | undefined>)[name]
  return call === undefined ? undefined : (...args) => call(...args)
}

/** A macro's rows show `how={flags=…}` before the call; the names they open were made by the macro. */
const OPENAT2_SETUP = 'mkdir("d", 0755); mkf("d/f", 0644); mkf("f", 0644); symlink("f", "l");'
const withHow = (calls: string): string =>
  calls.replace(
    /^how=\{(.*?)\};/,
    (_all, fields: string) => `struct open_how how = { ${fields.replace(/(\w+)=/g, '.$1=')} };`,
  )

/** What the recorder's macros stand for. */
const own = (text: string): string => withPerf(withAttr(text))

type Group = (m: CMachine, world: World) => Record<string, Builtin>
const GROUPS: readonly Group[] = [
  stringCalls, helpers, fileCalls, ipcCalls, keyCalls, bpfCalls, perfCalls, socketCalls, signatureCalls, processCalls,
]

const FORKS = ['fork', 'vfork', 'clone', 'clone3']

/** What the text may call as one task. */
const functionsOf = (m: CMachine, world: World, onChild: (pid: number) => void): Functions => {
  const all = new Map<string, Builtin>()
  for (const group of GROUPS) for (const [name, fn] of Object.entries(group(m, world))) all.set(name, fn)
  const lookUp = (name: string) => all.get(name) ?? plain(world, name)
  const born = (pid: number): number => {
    if (pid > 0 && world.taskOf(pid).tgid === pid) onChild(pid)
    return pid
  }
  for (const name of FORKS) {
    const fork = lookUp(name)!
    all.set(name, (...args) => born(fork(...args)))
  }
  return lookUp
}

/** As `functions`, of a child that the text has just forked: it sees 0 once, and its part ends when it sleeps. */
const asChild = ({ kernel }: World, functions: Functions): Functions => {
  let isBorn = false
  return (name) => {
    const fn = functions(name)
    if (fn === undefined) return undefined
    return (...args) => {
      if (!isBorn && FORKS.includes(name)) {
        isBorn = true
        return 0
      }
      const rc = fn(...args)
      if (rc !== -abi.ERESTARTSYS) return rc
      kernel.machine.sleepOn?.subscribe(() => {})
      throw new ChildEnds()
    }
  }
}

/** Runs the setup; the function that comes back runs the calls of the window. */
export const interpret = (world: World, setup: string, calls: string): (() => void) => {
  const m = new CMachine(constant)
  let isSetUp = false
  /** A child of the window ends at once; one of the setup runs what follows in the text. */
  const onChild = (pid: number): void => {
    const child = world.as(world.taskOf(pid))
    if (isSetUp) child.sys.exit_group(0)
    else m.child = asChild(child, functionsOf(m, child, onChild))
  }
  m.functions = functionsOf(m, world, onChild)
  world.buffer(FIRST, MEMORY - FIRST)
  m.run(HEADERS + BPF_HEADERS + PERF_HEADERS + IPC_HEADERS + SOCKET_HEADERS + GLOBALS + IPC_GLOBALS + SOCKET_GLOBALS)
  if (calls.startsWith('how={')) m.run(OPENAT2_SETUP)
  else if (setup !== '-') m.run(own(setup))
  isSetUp = true
  return () => {
    m.run(withHow(own(calls)))
  }
}
