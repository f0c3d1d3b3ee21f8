/** All that a kernel can be given: those of the main entry's. */
import type { Subsystem } from '../subsystem.ts'
import { aio } from './aio.ts'
import { binder } from './binder.ts'
import { bpf } from './bpf.ts'
import { devpts } from './devpts.ts'
import { fanotify } from './fanotify.ts'
import { fileHandles } from './file-handles.ts'
import { inotify } from './inotify.ts'
import { ioUring } from './io-uring.ts'
import { ipc } from './ipc.ts'
import { keys } from './keys.ts'
import { net } from './net.ts'
import { numa } from './numa.ts'
import { overlay } from './overlay.ts'
import { perf } from './perf.ts'
import { proc } from './proc.ts'
import { quota } from './quota.ts'
import { tracing } from './tracing.ts'

export const everySubsystem: readonly Subsystem[] = [
  aio, binder, bpf, devpts, fanotify, fileHandles, inotify, ioUring, ipc, keys, net, numa, overlay,
  perf, proc, quota, tracing,
]
