/** The stack of a box: capability, Landlock where `allow` is given, and the modules of the policy. */
import { ELOOP } from '@lsmkit/abi'
import { capability } from '@lsmkit/capability'
import { createStack } from '@lsmkit/core'
import type { Lsm, Profile, Stack } from '@lsmkit/core'
import { BootError, bootKernel, seccomp } from '@lsmkit/kernel/boot'
import type { BootMount, Kernel, Subsystem } from '@lsmkit/kernel/boot'
import { landlock } from '@lsmkit/landlock'
import { hostMemoryFor } from '@lsmkit/wasi/limits'
import type { Limits } from '@lsmkit/wasi/limits'
import type { HostGuard } from './hosts/guard.ts'
import { hostsLsm } from './hosts/lsm.ts'
import { LinkGuard } from './names/link-guard.ts'
import { keepMountPoints } from './names/mount-points.ts'
import type { ModuleSource } from './policy.ts'
import { SandboxError } from './sandbox-error.ts'
import { DenialCollector } from './denial-collector.ts'
import type { Refusal } from './denial-collector.ts'

/** Makes a module of a stack anew. */
export type MakeLsm = () => Lsm

/** Finds a module by its name or URL. */
export const loadModule = async (source: ModuleSource, index: number): Promise<MakeLsm> => {
  const { module, export: name, options } = source
  const place = `modules[${index}]`
  let found: Readonly<Record<string, unknown>>
  try {
    found = await import(/* @vite-ignore */ module) as Readonly<Record<string, unknown>>
  } catch (error) {
    const hint = 'a package that is installed, or the URL of a module'
    throw new SandboxError('no-module', `\`${module}\` cannot be loaded: ${(error as Error).message}`, {
      place, hint, cause: error,
    })
  }
  const last = module.split('/').at(-1)!.replace(/\.\w+$/, '')
  const make = found[name ?? last] ?? (name === undefined ? found.default : undefined)
  if (typeof make !== 'function') {
    const hint = name === undefined ? 'name its function: `{ module, export }`' : null
    throw new SandboxError('no-module', `\`${module}\` exports no function \`${name ?? last}\``, { place, hint })
  }
  return () => (make as (options?: object) => Lsm)(options)
}

export interface Machine {
  readonly kernel: Kernel
  readonly stack: Stack
  readonly lsms: readonly string[]
  readonly denialCollector: DenialCollector
}

const booted = (options: Parameters<typeof bootKernel>[0]): Kernel => {
  try {
    return bootKernel(options)
  } catch (error) {
    if (!(error instanceof BootError)) throw error
    if (error.rc !== -ELOOP) throw new SandboxError('bad-tree', error.message, { place: 'mounts', cause: error })
    throw new SandboxError('link', `a place to mount on leads over a link: ${error.message}`, {
      place: 'mounts', hint: 'name the directory itself', cause: error,
    })
  }
}

export interface StackPlan {
  /** Modules of the policy. */
  readonly makers: readonly MakeLsm[]
  readonly profile: Profile
  /** With Landlock. */
  readonly confines: boolean
}

/**
 * Boots a kernel that reports its refusals. `hosts`: the hosts that it may connect to, null
 * for a kernel without a network. Throws SandboxError for a mount.
 */
export const bootBox = (
  { makers, profile, confines }: StackPlan, hosts: HostGuard | null, mounts: readonly BootMount[],
  subsystems: readonly Subsystem[], limits: Limits, report: (refusal: Refusal) => void,
): Machine => {
  const own = makers.map((make) => make())
  const layer = confines ? landlock({ abi: 9 }) : null
  // in front of Landlock, which knows the port alone
  const lsms = [capability(), ...(hosts === null ? [] : [hostsLsm(hosts)]), ...(layer === null ? [] : [layer]), ...own]
  const config = lsms.slice(1).map(({ name }) => name).join(',')
  const stack = createStack({ lsms, config, profile, onAudit: (record) => denialCollector.add(record) })
  const denialCollector = new DenialCollector(new LinkGuard(stack), report)
  const kernel: Kernel = booted({
    stack, mounts, subsystems,
    hostMemory: hostMemoryFor(limits),
    // a namespace of users would give a program capabilities inside
    sysctl: { unprivileged_userns_clone: 0 },
    syscallFilter: seccomp({
      onLog: denialCollector.addFiltered, onNotify: (...call) => kernel.machine.seccompNotify.ask(...call),
    }),
    ...(layer === null ? {} : { landlock: layer.engine }),
  })
  keepMountPoints(stack, kernel)
  return { kernel, stack, lsms: stack.names, denialCollector }
}
