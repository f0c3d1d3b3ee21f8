/** Runs a row's own C text in a world, with the helpers that the recorder's programs had. */
import {
  AF_INET, CLONE_NEWCGROUP, CLONE_NEWIPC, CLONE_NEWNET, CLONE_NEWNS, CLONE_NEWPID, CLONE_NEWUSER, CLONE_NEWUTS,
  PR_SET_DUMPABLE, SIGSEGV,
} from '@lsmkit/abi'
import { sockaddrIn6 } from '@lsmkit/kernel'
import type { Calls } from '../c/actor.ts'
import { withAttr } from '../c/bpf.ts'
import { asChild, functionsOf, machineWithHeaders } from '../c/libc.ts'
import { FIRST, MEMORY } from '../c/memory.ts'
import type { Builtin, CMachine } from '../c/machine.ts'
import { withPerf } from '../c/perf.ts'
import { withHow } from './how.ts'
import { token } from './token.ts'
import { ROOT_TASKS } from './world.ts'
import type { World } from './world.ts'

/** `rcvr`: sleeps in msgrcv on the queue `gq`, as a task that is scheduled out. */
const sleepInMsgrcv = (m: CMachine, world: World, calls: Calls): void => {
  calls.msgrcv(m.view.getInt32(m.addressOf('gq')!, true), { mtype: 0, mtext: new Uint8Array() }, 64, 0, 0)
  world.kernel.machine.sleepOn!.subscribe(() => {})
}

const NAMESPACES =
  CLONE_NEWUTS | CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWPID | CLONE_NEWCGROUP

/** What `kid` may run in the child, by the name of the C function. */
const kidFunctions = (m: CMachine, world: World): Readonly<Record<string, (calls: Calls) => void>> => ({
  rcvr: (calls) => sleepInMsgrcv(m, world, calls),
  openf: world.openf,
  nodump: (calls) => {
    calls.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
  },
  ns_all: (calls) => {
    calls.unshare(NAMESPACES)
  },
  ns_pid: (calls) => {
    calls.unshare(CLONE_NEWPID)
  },
  ns_user: (calls) => {
    calls.unshare(CLONE_NEWUSER)
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
  ...Object.fromEntries((['user', 'mns', 'ovl', 'ovlm'] as const).map((name) => [name, () => {
    world[name]()
    return 0
  }])),
  kid: (uid, then) => world.kid(uid, inKid(m, world, m.text(then))),
  i6: (port) => {
    const raw = new Uint8Array(16)
    raw[15] = 1
    const address = sockaddrIn6(raw, port)
    const at = m.alloc(address.length)
    m.bytes.set(address, at)
    return at
  },
  /** Length of an address by its family. */
  family_size: (at) => (m.view.getUint16(at, true) === AF_INET ? 16 : 28),
  token: () => token(world),
  /** A child that does nothing, and one that has a fault. */
  staying_fork: () => world.sys.fork(),
  segfault: (pid) => world.of(world.taskOf(pid)).kill(pid, SIGSEGV),
  /** What follows is done by a child, which is the one that is recorded. */
  recorded_child: () => {
    const child = world.inWindow(world.taskOf(world.must(world.sys.fork(), 'fork')))
    m.functions = functionsOf(m, child, helpers)
    return 0
  },
  pp: (pid, name) => m.string(`/proc/${pid}/${m.text(name)}`),
  nap: () => 0,
  usleep: () => 0,
  sleep: () => 0,
  ...Object.fromEntries(Object.keys(kidFunctions(m, world)).map((name) => [name, () => 0])),
  signal: (sig, what) =>
    world.sys.rt_sigaction(sig, { handler: what === 1 ? 'ignore' : 'default', flags: 0, mask: 0n }, null, 8),
})

/** What the recorder's macros stand for. */
const own = (text: string): string => withPerf(withAttr(text))

/** Runs the setup; the function that comes back runs the calls of the window. */
export const interpret = (world: World, asked: string, made: string): (() => void) => {
  const [setup, calls] = withHow(asked, made)
  const m = machineWithHeaders()
  m.run(`int ROOT_TASKS = ${ROOT_TASKS};`)
  let isSetUp = false
  /** A child of the window ends at once; one of the setup runs what follows in the text. */
  const onChild = (pid: number): void => {
    const child = world.as(world.taskOf(pid))
    if (isSetUp) child.sys.exit_group(0)
    else m.child = asChild(child, functionsOf(m, child, helpers, onChild))
  }
  m.functions = functionsOf(m, world, helpers, onChild)
  world.buffer(FIRST, MEMORY - FIRST)
  if (setup !== '-') m.run(own(setup))
  isSetUp = true
  return () => {
    m.run(own(calls))
  }
}
