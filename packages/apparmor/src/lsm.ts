/** The LSM record, and its hooks by kind of object. */
import { LSM_ID_APPARMOR } from '@lsmkit/abi'
import { defineLsm } from '@lsmkit/core'
import type { HookGroup, Lsm, LsmContext } from '@lsmkit/core'
import { aFunction, checkOptions, instanceOf } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import { apparmorFiles } from './apparmorfs/apparmorfs.ts'
import { besideApparmor } from './beside.ts'
import { defineBlobs } from './blobs.ts'
import { Label } from './domain/objects.ts'
import { PolicyStore } from './domain/policy-store.ts'
import { Secids } from './domain/secids.ts'
import { attributeHooks } from './hooks/attributes.ts'
import { execHooks } from './hooks/exec.ts'
import { fileHooks } from './hooks/file.ts'
import { mountHooks } from './hooks/mount.ts'
import { pathHooks } from './hooks/path.ts'
import { packetHooks, socketHooks } from './hooks/socket.ts'
import { secidHooks } from './hooks/secid.ts'
import { credHooks, taskHooks } from './hooks/task.ts'
import { capabilityCache } from './mediate/capability-cache.ts'
import { takeBootParameters } from './parameters.ts'
import { releaseOf } from './release.ts'
import { Settings } from './state.ts'
import type { Apparmor } from './state.ts'

export interface ApparmorOptions {
  /** Policy to start from, loaded with the engine. It belongs to this instance; an empty one unless given. */
  readonly policy?: PolicyStore
  /** Receives what a kernel would print about boot parameters, one line a call, without a newline. */
  readonly printk?: (line: string) => void
}

const rules: OptionRules<ApparmorOptions> = { policy: instanceOf(PolicyStore), printk: aFunction }

/** Each takes one kind of object, or one subject. */
const groups: readonly ((aa: Apparmor) => HookGroup)[] = [
  credHooks, taskHooks, pathHooks, fileHooks, attributeHooks, execHooks, socketHooks, packetHooks,
  mountHooks, secidHooks,
]

/** Since boot where a kernel has booted. */
const nanoseconds = ({ host, now }: LsmContext): number => host.services?.ktime_get_ns() ?? now() * 1e6

/** A fresh AppArmor, as Linux 6.12 has it. It takes the boot parameters `apparmor.NAME=VALUE`. Throws OptionError. */
export const apparmor = (options: ApparmorOptions = {}): Lsm<'apparmor'> => {
  checkOptions(options, rules, 'apparmor')
  return instanceOfApparmor(options.policy ?? new PolicyStore(), new Settings(), (made) => {
    for (const line of takeBootParameters(made)) options.printk?.(line)
  })
}

/** `boot` is called when the instance is made, for its parameters. */
const instanceOfApparmor = (
  store: PolicyStore, settings: Settings, boot: (made: Apparmor) => void,
): Lsm<'apparmor'> => {
  const unconfined = store.root.unconfined
  const blobs = defineBlobs(unconfined.label)
  let state: Apparmor | null = null
  return defineLsm({
    name: 'apparmor',
    abi: '1.0',
    package: '@lsmkit/apparmor',
    id: LSM_ID_APPARMOR,
    legacyMajor: true,
    exclusive: true,
    enabled: true,
    blobs,
    taskLabels: { commands: { current: 'changeprofile', exec: 'exec' } },
    attrFiles: ['current', 'prev', 'exec'],
    hooks: (ctx) => {
      const release = releaseOf(ctx.profile)
      const made: Apparmor = {
        store, settings, blobs, ctx, release, secids: new Secids(), kernelLabel: new Label([unconfined]),
        capabilityCache: capabilityCache(release.capabilityPause, () => nanoseconds(ctx)),
      }
      state = made
      boot(made)
      return groups.map((group) => group(made))
    },
    pseudoFs: () => apparmorFiles(state!),
    beside: (given) => besideApparmor(store, given, (other) => instanceOfApparmor(other, settings, () => {})),
  })
}
