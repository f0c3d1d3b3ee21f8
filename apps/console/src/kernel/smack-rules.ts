/** The rules that Smack has on the machine now, as its file shows them, and a policy of the same. */
import { AT_FDCWD, O_RDONLY } from '@lsmkit/abi'
import type { Kernel } from '@lsmkit/kernel'
import type { Machine } from './machine.ts'

const PART = 65_536

/** All of a file, as process 1 reads it; '' when it cannot. */
export const readText = ({ sys, init }: Kernel, path: string): string => {
  const fd = sys.openat(init, AT_FDCWD, path, O_RDONLY, 0)
  if (fd < 0) return ''
  const decoder = new TextDecoder()
  const buffer = new Uint8Array(PART)
  let text = ''
  for (let n = sys.read(init, fd, buffer); n > 0; n = sys.read(init, fd, buffer)) {
    text += decoder.decode(buffer.subarray(0, n), { stream: true })
  }
  sys.close(init, fd)
  return text
}

export const smackRules = async ({ quiet }: Machine) => {
  const { loadRules, Policy } = await import('@lsmkit/smack/engine')
  const text = readText(quiet, '/sys/fs/smackfs/load2')
  const policy = new Policy()
  loadRules(policy, text)
  return { policy, text }
}
