/** `--option MODULE.NAME=VALUE`: what a module's factory is given, as it is typed. */
import { dictionary } from '@lsmkit/abi'
import { CommandError } from '../command-error.ts'
import { readHostText } from '../host-file.ts'
import type { Io } from '../io.ts'
import { moduleNames } from '../module-names.ts'
import { didYouMean } from '@lsmkit/core/did-you-mean'

/** By module. Each module checks its own options. */
export type ModuleOptions = Readonly<Record<string, Readonly<Record<string, unknown>>>>

const OPTION = /^([^.=]+)\.([^=]+)=([^]*)$/

/** `@FILE` is the text of a file; numbers, booleans and lists are as in JSON; anything else is text. */
const valueOf = (io: Io, text: string): unknown => {
  if (text.startsWith('@')) return readHostText(io, text.slice(1))
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** Throws a usage error for what is not an option, and for a module that there is not. */
export const moduleOptions = (io: Io, texts: readonly string[] = []): ModuleOptions => {
  const options = dictionary<Record<string, unknown>>()
  for (const text of texts) {
    const [, module = '', name = '', value = ''] = OPTION.exec(text) ?? []
    if (module === '') throw new CommandError('usage', `\`${text}\` is not an option`, '--option MODULE.NAME=VALUE')
    if (!(moduleNames as readonly string[]).includes(module)) {
      const hint = didYouMean(module, moduleNames) ?? `known: ${moduleNames.join(', ')}`
      throw new CommandError('usage', `there is no module \`${module}\``, hint)
    }
    (options[module] ??= dictionary())[name] = valueOf(io, value)
  }
  return options
}
