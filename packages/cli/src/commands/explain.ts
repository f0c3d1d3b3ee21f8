/** `lsm explain`: what a stack of named modules is: order, who is on which hook, blobs, strategy, warnings. */
import { composeStack } from '../modules.ts'
import type { StackChoice } from '../modules.ts'
import { printJson } from '../output.ts'
import type { Output } from '../output.ts'

export const explainCommand = (out: Output, options: StackChoice & { readonly json?: boolean }): void => {
  const explanation = composeStack(options).explain()
  if (options.json) return printJson(out, explanation.toJSON())
  out.print(String(explanation).trimEnd())
}
