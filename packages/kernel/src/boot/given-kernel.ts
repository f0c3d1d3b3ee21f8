/** `bootKernel` of `@lsmkit/kernel/boot`: a kernel that has the subsystems it is given. */
import { checkOptions, listOf, OptionError, required } from '@lsmkit/core/option-rules'
import type { OptionRule, OptionRules } from '@lsmkit/core/option-rules'
import { bootWith } from './boot-with.ts'
import type { BootOptions, Kernel } from './boot-with.ts'
import { chosenNames } from './subsystem.ts'
import type { Subsystem } from './subsystem.ts'

export interface ChosenBootOptions extends BootOptions {
  /** Those of `@lsmkit/kernel/subsystems` that this kernel has: `[]` for a kernel without them. */
  readonly subsystems: readonly Subsystem[]
}

const aSubsystem: OptionRule = {
  is: (value) => chosenNames.some((name) => name === (value as Partial<Subsystem> | null)?.name),
  what: 'a subsystem of @lsmkit/kernel/subsystems',
}

const rules: OptionRules<Pick<ChosenBootOptions, 'subsystems'>> = { subsystems: required(listOf(aSubsystem)) }

/** As `bootKernel` of the main entry. Throws OptionError, and BootError; `bpf` needs the subsystem of that name. */
export const bootKernel = (options: ChosenBootOptions): Kernel => {
  const { subsystems, ...others } = Object(options) as ChosenBootOptions
  checkOptions({ subsystems }, rules, 'bootKernel')
  if (others.bpf !== undefined && !subsystems.some(({ name }) => name === 'bpf')) {
    throw new OptionError('bad-option', '`bpf` is given, and the subsystem `bpf` is not', {
      place: 'subsystems', hint: "import { bpf } from '@lsmkit/kernel/subsystems'",
    })
  }
  return bootWith(subsystems, others)
}
