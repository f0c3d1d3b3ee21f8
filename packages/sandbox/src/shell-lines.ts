/** Command lines in the shell of a box. The shell opens with the first line. */
import type { Kernel } from '@lsmkit/kernel'
import type { LimitNumbers } from '@lsmkit/wasi/limits'
import type { Activity } from './activity.ts'
import type { BoxHosts } from './hosts/box-hosts.ts'
import type { Inside } from './inside-box.ts'
import { keepCode } from './kernels/keep-code.ts'
import type { Refusals } from './refusals.ts'
import { SandboxError } from './sandbox-error.ts'
import { openShell } from './shell.ts'
import type { Shell, ShellRun, ShellRunning, ShellSource, ShellSpec } from './shell.ts'
import { LineClock, withinOutput } from './shell-line.ts'

export interface ShellLinesOf {
  readonly plain: Kernel
  /** Null: the box has no shell. */
  readonly shell: ShellSource | null
  /** Of the policy. */
  readonly limits: LimitNumbers
  readonly inside: Inside
  readonly hosts: BoxHosts
  readonly refusals: Refusals
  readonly activity: Activity
}

export class ShellLines {
  readonly #of: ShellLinesOf
  #shell: Promise<Shell> | null = null

  constructor(of: ShellLinesOf) {
    this.#of = of
  }

  run(command: string, spec: ShellSpec): ShellRunning {
    const clock = new LineClock(this.#of.limits.time)
    return { end: this.#line(command, spec, clock).finally(clock.end), stop: clock.stop }
  }

  async close(): Promise<void> {
    if (this.#shell !== null) (await this.#shell).close?.()
  }

  async #line(command: string, spec: ShellSpec, clock: LineClock): Promise<ShellRun> {
    const { plain, shell: source, limits, inside, hosts, refusals, activity } = this.#of
    activity.assertOpen()
    if (source === null) {
      throw new SandboxError('not-there', 'the box has no shell', { hint: 'createSandbox({ shell: bash() })' })
    }
    const shell = await (this.#shell ??= openShell(source, inside))
    activity.assertOpen()
    const [run, moment] = refusals.begin()
    activity.lines++
    let letGo = (): void => {}
    try {
      const onStart = (): void => {
        letGo = plain.machine.ceiling.hold(limits)
        clock.begin()
      }
      const request = { cwd: '/', ...spec, run, signal: clock.signal, onStart }
      const end = withinOutput(await clock.ended(shell.sh(command, request)), limits)
      const connections = hosts.end(run)
      return { reason: '', ...end, run, connections, ...refusals.taken(run, moment) }
    } catch (error) {
      refusals.taken(run, moment)
      activity.assertOpen()
      throw error
    } finally {
      letGo()
      hosts.end(run)
      activity.lines--
      keepCode('line')
    }
  }
}
