/** Reads the parts of kernel sources that tables are made from: functions, initialisers, lists of ids. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const withoutComments = (text: string): string => text.replace(/\/\*.*?\*\//gs, ' ').replace(/\/\/[^\n]*/g, ' ')

/** A kernel's source tree. */
export class Source {
  readonly folder: string
  readonly #files = new Map<string, string>()

  constructor(folder: string) {
    this.folder = folder
  }

  /** Text of a file without its comments; empty where the tree has no such file. */
  file(path: string): string {
    let text = this.#files.get(path)
    if (text !== undefined) return text
    try {
      text = withoutComments(readFileSync(join(this.folder, path), 'latin1'))
    } catch {
      text = ''
    }
    this.#files.set(path, text)
    return text
  }

  /** Body of the function that is defined in the file; null where it has none of that name. */
  body(path: string, name: string): string | null {
    const text = this.file(path)
    const found = new RegExp(`(?:^|[\\s*])${name}\\([^;{)]*\\)\\s*\\{`, 'm').exec(text)
    if (found === null) return null
    const start = found.index + found[0].length
    return text.slice(start, text.indexOf('\n}', start))
  }
}

/** `case A: case B: statements` of every switch in a body, in order. */
export interface CaseBlock {
  readonly labels: readonly string[]
  readonly statements: string
}

export const caseBlocks = (body: string): CaseBlock[] => {
  const code = body.replace(/^\s*#.*$/gm, '')
  const parts = code.split(/(?=\b(?:case\s+\w+|default)\s*:)/).slice(1)
  const blocks: CaseBlock[] = []
  let labels: string[] = []
  for (const part of parts) {
    const label = /^(?:case\s+(\w+)|default)\s*:/.exec(part)!
    labels.push(label[1] ?? 'default')
    const statements = part.slice(label[0].length).trim()
    if (statements === '') continue
    blocks.push({ labels, statements })
    labels = []
  }
  return blocks
}
