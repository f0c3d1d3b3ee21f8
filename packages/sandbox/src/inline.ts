/** A box whose kernel is in this thread. */
import type { Lsm } from '@lsmkit/core'
import { Box } from './box.ts'
import type { BoxCallbacks } from './box-port.ts'
import { answerDevice } from './devices.ts'
import { answerFile, filesData } from './late-files/contents.ts'
import type { ModuleSource, Policy } from './policy.ts'
import { SandboxError } from './sandbox-error.ts'
import type { ShellSource } from './shell.ts'
import { loadModule } from './stack.ts'
import type { MakeLsm } from './stack.ts'

const canSuspend = (): boolean => typeof WebAssembly.Suspending === 'function'

/** Throws SandboxError for programs that are to run here, where they cannot. */
const waitingFor = (programs: 'here' | 'threads' | undefined): 'suspended' | 'workers' => {
  if (programs === 'here' && !canSuspend()) {
    throw new SandboxError('bad-host', 'WebAssembly cannot suspend here, so programs need threads', {
      place: 'createSandbox: programs', hint: '`threads`, or Node 24',
    })
  }
  return programs === 'threads' || !canSuspend() ? 'workers' : 'suspended'
}

/** A thread of a program that has ended waits for the next. */
const SPARE = 1

/** `modules`: those of the policy, and functions that make one. */
export const openInline = async (
  policy: Policy, modules: readonly (ModuleSource | (() => Lsm))[],
  { onDenial, onAccesses, devices, network, files }: BoxCallbacks,
  shell: ShellSource | null, programs?: 'here' | 'threads',
): Promise<Box> => {
  const waiting = waitingFor(programs)
  const makers = await Promise.all(modules.map((one, i): MakeLsm | Promise<MakeLsm> =>
    typeof one === 'function' ? one : loadModule(one, i)))
  return Box.open({
    policy, makers, permits: [], shell, onDenial, onAccesses, network,
    waiting, spare: waiting === 'workers' ? SPARE : 0,
    devices: Object.keys(devices), askDevice: (request) => answerDevice(devices, request),
    files: filesData(files), askContents: (path) => answerFile(files, path),
  })
}
