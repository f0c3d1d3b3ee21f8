/** A booted kernel of the console: its stack, its tree, and the reports of its decisions. */
import { AT_FDCWD } from '@lsmkit/abi'
import { createStack, landlockEngineOf } from '@lsmkit/core'
import type { Stack } from '@lsmkit/core'
import { kernelLog } from '@lsmkit/core/order'
import { must } from '@lsmkit/demo/tree'
import { XATTR_NAME_WARDEN } from '@lsmkit-examples/own-lsm'
import { strace } from '@lsmkit/kernel'
import type { Kernel } from '@lsmkit/kernel'
import { bootKernel } from '@lsmkit/kernel/boot'
import { bpf, devpts, inotify, keys, net, proc, tracing } from '@lsmkit/kernel/subsystems'
import type { DecisionEncoder } from '../decisions/encoder.ts'
import { BpfLines } from './bpf-lines.ts'
import { makeModules } from './modules.ts'
import type { Made } from './modules.ts'
import type { MachineSpec, StackReport } from './protocol.ts'
import { growConsoleTree, labelForGuests } from './tree.ts'

export interface Machine {
  readonly spec: MachineSpec
  readonly made: Made
  readonly stack: Stack<'6.12'>
  /** The kernel that programs run on: each of its calls is reported to the encoder. */
  readonly kernel: Kernel
  /** The same, with calls that are not reported. */
  readonly quiet: Kernel
  /** Runs `work` without reporting its calls. */
  quietly<T>(work: () => T): T
  /** Marks a file so that whoever executes it is a guest, where a module has guests. */
  markGuest(path: string): void
  report(): StackReport
}

export interface Surroundings {
  /** Null: nothing is recorded but refusals, for measuring. */
  readonly encoder: DecisionEncoder | null
  readonly tools: Readonly<Record<string, Uint8Array>>
  /** Output of BPF programs. */
  readonly trace: (line: string) => void
  /** Behind each system call. */
  readonly onCall?: () => void
}

export const cmdlineOf = ({ lsm }: MachineSpec): string => `lsm=${lsm.join(',')}`

/** What the console's programs reach. The others would take a page longer to load. */
const subsystems = [bpf, devpts, inotify, keys, net, proc, tracing]

/** Throws ComposeError and whatever modules throw; nothing is left behind then. */
export const bootMachine = async (
  spec: MachineSpec,
  { encoder, tools, trace, onCall }: Surroundings,
): Promise<Machine> => {
  const from = performance.now()
  const lines = encoder === null ? null : new BpfLines()
  if (encoder !== null) encoder.lines = spec.lsm.includes('bpf') ? lines : null
  const made = await makeModules(spec, { trace, lines })
  let isHeard = false
  const stack = createStack({
    lsms: made.lsms,
    cmdline: cmdlineOf(spec),
    ...(spec.together ? { exclusive: 'allow' as const } : {}),
    audit: encoder === null ? { denials: false } : { allows: true, capacity: 1, now: fineClock },
    onAudit: (record) => {
      if (isHeard) encoder?.note(record)
    },
  })
  const landlock = landlockEngineOf(made.lsms)
  const kernel = bootKernel({
    stack, subsystems,
    ...(landlock === null ? {} : { landlock }),
    hostname: 'console',
    mounts: [{ type: 'tmpfs', target: '/tmp', data: 'mode=1777,size=64m', source: 'tmp' }],
  })
  growConsoleTree(kernel, tools)
  if (hasSmack(kernel)) labelForGuests(kernel)
  if (hasSelinux(kernel)) {
    for (const { path, rc } of made.selinux!.lsm.relabel(kernel, { force: true }).failed) must(rc, path)
  }
  const markGuest = (path: string): void => setGuest(kernel, path, stack.names.includes('warden'))
  markGuest('/usr/bin/sh')
  const took = performance.now() - from
  isHeard = true
  return {
    spec,
    made,
    stack,
    markGuest,
    quiet: kernel,
    quietly: (work) => {
      const before = isHeard
      isHeard = false
      try {
        return work()
      } finally {
        isHeard = before
      }
    },
    kernel:
      encoder === null
        ? kernel
        : strace.watchCalls(kernel, stack, {
          enter: (name) => encoder.enter(name),
          leave: (call) => {
            encoder.leave(call)
            onCall?.()
          },
        }),
    report: () => ({
      cmdline: cmdlineOf(spec),
      log: stack.order.events.map(kernelLog),
      explanation: stack.explain().toJSON(),
      took,
    }),
  }
}

/** Parts of a millisecond, as far as the browser tells them: processes take turns within one. */
const fineClock = (): number => performance.timeOrigin + performance.now()

const exists = ({ sys, init }: Kernel, path: string): boolean => sys.faccessat(init, AT_FDCWD, path, 0) === 0
export const hasSelinux = (kernel: Kernel): boolean => exists(kernel, '/sys/fs/selinux/enforce')
const hasSmack = (kernel: Kernel): boolean => exists(kernel, '/sys/fs/smackfs/load2')

const setGuest = (kernel: Kernel, path: string, hasWarden: boolean): void => {
  const set = (name: string, text: string): void =>
    void must(kernel.sys.setxattr(kernel.init, path, name, new TextEncoder().encode(text), 0), `${name} of ${path}`)
  if (hasSmack(kernel)) set('security.SMACK64EXEC', 'Guest')
  if (hasSelinux(kernel)) set('security.selinux', 'u:object_r:guest_exec_t')
  if (hasWarden) set(XATTR_NAME_WARDEN, 'guest')
}
