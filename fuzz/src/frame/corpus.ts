/** The files of found cases: small inputs that once showed a defect, in `fuzz/corpus/NAME`. */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

const CORPUS = join(import.meta.dirname, '../../corpus')

export const corpusOf = (name: string): string[] => {
  const folder = join(CORPUS, name)
  return existsSync(folder) ? readdirSync(folder).sort().map((file) => join(folder, file)) : []
}

/** Names that have a folder. */
export const corpora = (): string[] => (existsSync(CORPUS) ? readdirSync(CORPUS) : [])
