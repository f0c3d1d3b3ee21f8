/** Lists of modules: `modules.conf` of the reference policy, and lines as `semodule -l` and `-lfull` print them. */
import { SourceError } from '../source/errors.ts'
import type { SourceFile } from '../source/files.ts'

export interface ModuleListEntry {
  readonly name: string
  /** From 1. */
  readonly line: number
  /** `base`: it is part of the base module; `off`: it is left out. */
  readonly where: 'base' | 'module' | 'off'
}

const LINES: readonly (readonly [form: RegExp, where: (word: string | undefined) => ModuleListEntry['where']])[] = [
  // apache = module
  [/^([A-Za-z][\w.-]*)[ \t]*=[ \t]*(base|module|off)$/, (word) => word as ModuleListEntry['where']],
  // 100 apache pp disabled
  [/^\d{1,3}[ \t]+([A-Za-z][\w.-]*)[ \t]+(?:pp|cil|hll)(?:[ \t]+(disabled|hidden by a higher priority))?$/,
    (word) => word === 'disabled' ? 'off' : 'module'],
  // apache, and apache 2.6.10 before libsemanage 2.4
  [/^([A-Za-z][\w.-]*)(?:[ \t]+\d+(?:\.\d+)*)?$/, () => 'module'],
]

/** Modules by their lines; a later line of a name counts. Throws SourceError for a line of another form. */
export const readModuleList = ({ name: file, text }: SourceFile): ModuleListEntry[] => {
  const entries = new Map<string, ModuleListEntry>()
  for (const [i, written] of text.split('\n').entries()) {
    const content = written.replace(/#.*/, '').trim()
    if (content === '') continue
    const found = LINES.flatMap(([form, where]) => {
      const [, name, word] = form.exec(content) ?? []
      return name === undefined ? [] : [{ name, line: i + 1, where: where(word) }]
    })[0]
    if (found === undefined) {
      throw new SourceError('bad-syntax', 'this is not a line of a list of modules',
        { file, line: i + 1, column: written.search(/\S/) + 1, excerpt: written },
        { hint: '`apache = module`, or `apache` as semodule -l prints it' })
    }
    entries.set(found.name, found)
  }
  return [...entries.values()]
}
