/** Modules as the commands take them: packages and CIL. */
import { basename } from 'node:path'
import { isModule, packageToCil } from '@lsmkit/selinux/module'
import type { LinkedModule, StoredModule } from '@lsmkit/selinux/module'
import { PolicyError } from '@lsmkit/selinux/policydb'
import { CommandError } from '../../../command-error.ts'
import type { Io } from '../../../io.ts'
import { bytesOf, cilSources } from '../inputs.ts'

/** A module to link: of a package also which attributes it needs. */
export const linkedModule = (io: Io, file: string): LinkedModule => {
  const bytes = bytesOf(io, file)
  if (!isModule(bytes)) return cilSources(io, [file])[0]!
  return naming(file, () => {
    const { text, attributes, roleAttributes } = packageToCil(bytes)
    return { name: file, text, attributes, roleAttributes }
  })
}

/** A module to keep: a package is called as it says itself, CIL as its file. */
export const storedModule = (io: Io, file: string, priority: number): StoredModule => {
  const bytes = bytesOf(io, file)
  if (isModule(bytes)) {
    const { name } = naming(file, () => packageToCil(bytes))
    return { name, priority, language: 'pp', read: () => bytes }
  }
  const { text } = cilSources(io, [file])[0]!
  const kept = typeof text === 'string' ? new TextEncoder().encode(text) : text
  return { name: basename(file).replace(/\.cil$/, ''), priority, language: 'cil', read: () => kept }
}

const naming = <T>(file: string, work: () => T): T => {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error
    throw new CommandError('badInput', `\`${file}\`: ${error.summary}`, error.hint ?? undefined)
  }
}
