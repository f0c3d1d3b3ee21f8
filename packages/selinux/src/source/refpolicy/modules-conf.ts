/** `modules.conf`: which modules are in the base module, which are modules of their own, which are left out. */
import type { SourceFile } from '../files.ts'

export interface ModuleChoice {
  readonly base: readonly string[]
  readonly modules: readonly string[]
  readonly off: readonly string[]
}

const line = /^[ \t]*([A-Za-z]\S*)[ \t]+=[ \t]+(base|module|off)\b/
const required = /^##\s*<required\s+val="true">/m

/** Modules that it does not name are off. Without it those that say that they are required make the base. */
export const chooseModules = (
  conf: SourceFile | undefined, known: readonly string[], interfaces: (name: string) => string,
): ModuleChoice => {
  const choice = new Map<string, string>()
  if (conf === undefined) {
    for (const name of known) choice.set(name, required.test(interfaces(name)) ? 'base' : 'module')
  }
  for (const written of conf?.text.split('\n') ?? []) {
    const [, name, what] = line.exec(written) ?? []
    if (name !== undefined) choice.set(name, what!)
  }
  const chosen = (what: string): string[] =>
    known.filter((name) => (choice.get(name) ?? 'off') === what).sort((a, b) => (a < b ? -1 : 1))
  return { base: chosen('base'), modules: chosen('module'), off: chosen('off') }
}
