/** `--modules LIST`: which modules of folders, or of a folder with refpolicy's layout, are compiled. */
import { didYouMean } from '@lsmkit/core/did-you-mean'
import { readModuleList } from '@lsmkit/selinux/module'
import type { ModuleListEntry } from '@lsmkit/selinux/module'
import { SourceError } from '@lsmkit/selinux/source'
import type { SourceFile } from '@lsmkit/selinux/source'
import type { Io } from '../../io.ts'
import { textOf } from './inputs.ts'

/** Why the list has no effect elsewhere. */
export const OF_FOLDERS = 'it chooses among the modules of a folder'

/** The module in a file of a folder: `apache` of `apache.pp.bz2`. */
const moduleOf = (file: string): string => file.slice(file.lastIndexOf('/') + 1).replace(/\.(cil|pp|pp\.bz2)$/, '')

export class ModuleList {
  readonly #file: SourceFile
  readonly #entries: readonly ModuleListEntry[]

  /** Throws SourceError for a line that is not of a list. */
  constructor(io: Io, name: string) {
    this.#file = { name, text: textOf(io, name) }
    this.#entries = readModuleList(this.#file)
  }

  /** Files that hold these modules. `base` holds those of `= base`. Throws SourceError for a module without a file. */
  chosen(files: readonly string[]): string[] {
    this.#refuseUnknown(this.#entries.filter(({ where }) => where === 'module'), files.map(moduleOf))
    const wanted = new Set(this.#entries.filter(({ where }) => where !== 'off').map(({ name }) => name))
    const off = this.#entries.some(({ name, where }) => name === 'base' && where === 'off')
    if (!off) wanted.add('base')
    return files.filter((file) => wanted.has(moduleOf(file)))
  }

  /** As the modules.conf of a whole policy. Names alone choose among its modules; those of its base stay. */
  asModulesConf(conf: SourceFile | undefined, known: readonly string[]): SourceFile {
    const { name, text } = this.#file
    if (/^\s*[\w.-]+\s*=/m.test(text)) return { name, text }
    const base = readModuleList(conf ?? { name: 'policy/modules.conf', text: '' })
      .filter(({ where }) => where === 'base').map((entry) => entry.name)
    const more = this.#entries.filter((entry) => entry.name !== 'base' && !base.includes(entry.name))
    this.#refuseUnknown(more, known)
    const lines = [
      ...base.map((module) => `${module} = base`), ...more.map((entry) => `${entry.name} = ${entry.where}`),
    ]
    return { name, text: lines.map((line) => `${line}\n`).join('') }
  }

  #refuseUnknown(entries: readonly ModuleListEntry[], known: readonly string[]): void {
    const modules = new Set(known)
    const [first, ...others] = entries.filter((entry) => !modules.has(entry.name))
    if (first === undefined) return
    const { name, line } = first
    const { name: file, text } = this.#file
    const excerpt = text.split('\n')[line - 1] ?? ''
    const more = others.length === 0 ? '' : `, and none of ${others.length} others in this list`
    throw new SourceError('unresolved', `there is no module \`${name}\`${more}`,
      { file, line, column: excerpt.indexOf(name) + 1, excerpt },
      { hint: didYouMean(name, known) ?? `there are ${modules.size} modules; write \`${name} = off\` to leave it out` })
  }
}
