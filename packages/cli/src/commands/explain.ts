/** `lsm explain`: what a stack of named modules is: order, who is on which hook, blobs, strategy, warnings. */
import type { Io } from '../io.ts'
import { composeStack } from '../modules.ts'
import type { StackChoiceWithOptions } from '../modules.ts'
import { printJson, printLines } from '../output.ts'
import { moduleOptions } from '../run/module-options.ts'
import { ownModules } from '../run/own-modules.ts'

interface ExplainOptions extends StackChoiceWithOptions {
  /** Files with modules of one's own. */
  readonly module?: readonly string[]
  readonly json?: boolean
}

export const explainCommand = async (io: Io, options: ExplainOptions): Promise<void> => {
  const own = await ownModules(io, options.module)
  const made = own.map((make) => make())
  const explanation = (await composeStack(options, {}, made, moduleOptions(io, options.option))).explain()
  if (options.json) return printJson(io, explanation.toJSON())
  printLines(io, String(explanation).trimEnd())
}
