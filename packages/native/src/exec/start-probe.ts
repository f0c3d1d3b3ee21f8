/** Starts a probe behind the walls of a plan. */
import childProcess from 'node:child_process'
import { closeSync } from 'node:fs'
import { AF_UNIX, SOCK_SEQPACKET } from '@lsmkit/abi'
import { probeImage } from '../launcher/probe.ts'
import type { LaunchPlan } from '../launcher/steps.ts'
import type { System } from '../sys/system.ts'
import { imageFile } from './image-file.ts'

const SOCK_CLOEXEC = 0o2000000

/**
 * A descriptor over which the probe is asked; it ends when the descriptor is closed. Or -errno. `ruleset` is that of
 * the program, so that both are given the same files. A probe that cannot put up its walls ends before it answers.
 */
export const startProbe = (system: System, plan: LaunchPlan, ruleset: number): number => {
  const ends = new Int32Array(2)
  const rc = system.call('socketpair', AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, new Uint8Array(ends.buffer))
  if (rc < 0) return rc
  const [own, other] = ends as unknown as [number, number]
  const file = imageFile(system, probeImage(plan))
  try {
    const stdio = [other, 'ignore', 'ignore', 'ignore', ruleset] as const
    const probe = childProcess.spawn(file.path, [], { cwd: '/', env: {}, stdio: [...stdio] })
    probe.on('error', () => undefined)
    probe.unref()
  } finally {
    file.close()
    closeSync(other)
  }
  return own
}
