/** `lsm explain`: what a stack of named modules is: order, who is on which hook, blobs, strategy, warnings. */
import type { Io } from '../io.ts'
import { composeStack } from '../modules.ts'
import type { ToldChoice } from '../modules.ts'
import { printJson } from '../output.ts'
import { moduleOptions } from '../run/module-options.ts'

export const explainCommand = async (io: Io, options: ToldChoice & { readonly json?: boolean }): Promise<void> => {
  const explanation = (await composeStack(options, {}, [], moduleOptions(io, options.option))).explain()
  if (options.json) return printJson(io, explanation.toJSON())
  io.print(String(explanation).trimEnd())
}
