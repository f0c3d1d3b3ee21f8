/** The level a kernel boots with: what it was built with, and the boot parameter `lockdown=`. */
import { levelOf, lockKernelDown } from './level.ts'
import type { Lockdown, LockdownLevel } from './level.ts'

/** As `lockdown_param`: `none` is no value of it; what it does not know it leaves. */
const takeParameter = (lockdown: Lockdown, value: string | null): void => {
  if (value === 'integrity' || value === 'confidentiality') {
    lockKernelDown(lockdown, 'command line', levelOf(value)!)
  } else {
    lockdown.printk('Malformed early option \'lockdown\'')
  }
}

/** First what was built in, for an early LSM is there before the command line is read. */
export const bootLevel = (lockdown: Lockdown, built: LockdownLevel): void => {
  if (built !== 'none') lockKernelDown(lockdown, 'Kernel configuration', levelOf(built)!)
  for (const { name, value } of lockdown.ctx.bootParameters) if (name === 'lockdown') takeParameter(lockdown, value)
}
