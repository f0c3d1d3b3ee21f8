/** Descriptors 0 to 2 of a task: those of this process. */
import { readSync, writeSync } from 'node:fs'
import { EAGAIN, EIO, EPIPE } from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import { installHostStream } from '@lsmkit/kernel'
import type { HostStream, Kernel } from '@lsmkit/kernel'

const errnos: ReadonlyMap<unknown, number> = new Map<unknown, number>([['EAGAIN', EAGAIN], ['EPIPE', EPIPE]])

/** 0 at the end, or -errno: nothing is thrown into the kernel. */
const asNumber = (act: () => number): number => {
  try {
    return act()
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    return code === 'EOF' ? 0 : -(errnos.get(code) ?? EIO)
  }
}

const input: HostStream = { read: (buffer) => asNumber(() => readSync(0, buffer)) }
const output = (fd: 1 | 2): HostStream => ({ write: (bytes) => asNumber(() => writeSync(fd, bytes)) })

/** So that `writeSync(1, …)` prints, and the first file that is opened is 3 as in every process. */
export const installProcessStreams = ({ machine }: Kernel, task: Task): void => {
  for (const [fd, stream] of [input, output(1), output(2)].entries()) installHostStream(machine, task, fd, stream)
}
