/** Programs that a shell of the box executes: their input is there at once, and so is their output in the end. */
import { joinedBytes, SIGKILL } from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import { killTask } from '@lsmkit/kernel/boot'
import type { ExecImage, Kernel } from '@lsmkit/kernel'
import type { GuestOptions } from './guest-options.ts'
import type { ProgramInput, ProgramOutput } from './inside-box.ts'
import { loadProgramsHost } from './programs-host.ts'

const encoder = new TextEncoder()

/** Runs what a child of the shell has executed. 126 if it is not a program. */
export const runExecuted = async (
  kernel: Kernel, options: GuestOptions, task: Task, image: ExecImage, input: ProgramInput,
): Promise<ProgramOutput> => {
  const { stdin, env, cwd, signal } = input
  if (image.kind !== 'wasm') {
    const stderr = encoder.encode(`${image.argv[0]}: cannot be executed\n`)
    return { status: 126, stdout: new Uint8Array(0), stderr }
  }
  const { becomeWasiAsync } = await loadProgramsHost()
  const parts: Record<'stdout' | 'stderr', Uint8Array[]> = { stdout: [], stderr: [] }
  const stop = { isOver: false }
  let rest: Uint8Array | null = stdin
  const wasi = options.of({
    program: image.bytes, argv: image.argv, env, cwd, user: null, label: null, role: null, limits: {}, posix: true,
    syscalls: false, tty: false, terminal: null, imports: null, request: null,
  }, {
    pull: async () => {
      const next = rest
      rest = null
      return next
    },
    push: async (to, bytes) => void parts[to].push(bytes.slice()),
  }, stop)
  const abort = (): void => killTask(kernel, task, SIGKILL)
  signal?.addEventListener('abort', abort)
  try {
    const { status, reason } = await becomeWasiAsync(kernel, task, wasi)
    if (reason !== '') parts.stderr.push(encoder.encode(`${image.argv[0]}: ${reason}\n`))
    return { status, stdout: joinedBytes(parts.stdout), stderr: joinedBytes(parts.stderr) }
  } finally {
    stop.isOver = true
    signal?.removeEventListener('abort', abort)
  }
}
