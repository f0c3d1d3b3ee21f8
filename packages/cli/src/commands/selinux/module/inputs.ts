/** Modules as the commands take them: packages, CIL, and `.te` files with what is beside them. */
import { basename } from 'node:path'
import { isModule, neededAttributes, packageToCil } from '@lsmkit/selinux/module'
import type { LinkedModule, StoredModule } from '@lsmkit/selinux/module'
import { compiledToCil, compileTe, SourceError } from '@lsmkit/selinux/source'
import { PolicyError } from '@lsmkit/selinux/policydb'
import { CommandError } from '../../../command-error.ts'
import type { Io } from '../../../io.ts'
import { bytesOf, cilSources } from '../inputs.ts'
import { headersOf, isTe, teOf } from '../source-inputs.ts'
import type { HeaderFlags } from '../source-inputs.ts'

/** A module to link: of a package also which attributes it needs. */
export const linkedModule = (io: Io, file: string, flags: HeaderFlags): LinkedModule => {
  if (isTe(file)) return teModule(io, file, flags)
  const bytes = bytesOf(io, file)
  if (!isModule(bytes)) return cilSources(io, [file])[0]!
  return naming(file, () => {
    const { text, attributes, roleAttributes } = packageToCil(bytes)
    return { name: file, text, attributes, roleAttributes }
  })
}

/** A module to keep: a package is called as it says itself, CIL as its file. */
export const storedModule = (io: Io, file: string, priority: number, flags: HeaderFlags): StoredModule => {
  if (isTe(file)) {
    const { module, text } = teModule(io, file, flags)
    return { name: module, priority, language: 'cil', read: () => new TextEncoder().encode(text) }
  }
  const bytes = bytesOf(io, file)
  if (isModule(bytes)) {
    const { name } = naming(file, () => packageToCil(bytes))
    return { name, priority, language: 'pp', read: () => bytes }
  }
  const { text } = cilSources(io, [file])[0]!
  const kept = typeof text === 'string' ? new TextEncoder().encode(text) : text
  return { name: basename(file).replace(/\.cil$/, ''), priority, language: 'cil', read: () => kept }
}

/** A `.te` file as CIL, with its `.fc` file. */
const teModule = (io: Io, file: string, flags: HeaderFlags): LinkedModule & { module: string; text: string } => {
  try {
    const { te, fileContexts } = teOf(io, file)
    const headers = headersOf(io, [file], flags)
    const compiled = compileTe(te, {
      ...(headers === undefined ? {} : { headers }), ...(fileContexts === undefined ? {} : { fileContexts }),
    })
    const { attributes, roleAttributes } = neededAttributes(compiled.module)
    return { name: file, module: compiled.module.name, text: compiledToCil(compiled), attributes, roleAttributes }
  } catch (error) {
    if (!(error instanceof SourceError)) throw error
    throw CommandError.inSource(error, error.code)
  }
}

const naming = <T>(file: string, work: () => T): T => {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error
    throw new CommandError('badInput', `\`${file}\`: ${error.summary}`, error.hint ?? undefined)
  }
}
