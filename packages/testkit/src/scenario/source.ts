/** The YAML or JSON of a scenario, read field by field; each mistake is reported with its line. */
import { didYouMean } from '@lsmkit/core'
import { isMap, isScalar, isSeq, LineCounter, parseAllDocuments, parseDocument, visit } from 'yaml'
import type { Document, ParsedNode, YAMLMap } from 'yaml'
import { numberOf } from './arguments.ts'
import { ScenarioError } from './errors.ts'
import type { ScenarioCode } from './errors.ts'

export type Fields = Readonly<Record<string, unknown>>
/** From the top of a file to a part of it. */
export type Way = readonly (string | number)[]

/** Maps inside one another; a scenario has five. */
const DEEPEST = 100
const TOO_DEEP = 'lists and maps too deep inside one another'

/** A field of a map: the offset of its name, and its value. */
interface Field {
  readonly at: number
  readonly value: ParsedNode | null
}

/** One file and where its parts stand. */
export class Source {
  readonly #name: string
  readonly #doc: Document.Parsed
  readonly #lines = new LineCounter()
  readonly #fieldsOf = new Map<unknown, ReadonlyMap<unknown, Field>>()

  constructor(name: string, text: string) {
    this.#name = name
    // the parser compares each key with all before it; `index` asks a map
    this.#doc = parseDocument(text, {
      lineCounter: this.#lines, prettyErrors: false, logLevel: 'silent', merge: true, uniqueKeys: false,
    })
    const [error] = this.#doc.errors
    if (error !== undefined) this.#noYaml(/call stack/.test(error.message) ? TOO_DEEP : error.message, error.pos[0])
    visit(this.#doc, {
      Map: (_key, node, path) => {
        if (path.length > DEEPEST) this.#noYaml(TOO_DEEP, node.range![0])
        this.#index(node as YAMLMap<ParsedNode, ParsedNode | null>)
      },
      // 0644 is octal, as C and chmod(1) write it: it stays the text that `numberOf` reads
      Scalar(_key, node) {
        if (typeof node.value === 'number' && /^0[0-7]+$/.test(node.source ?? '')) node.value = node.source
      },
    })
  }

  #noYaml(message: string, at: number): never {
    const { line, col } = this.#lines.linePos(at)
    throw new ScenarioError('no-yaml', message, { place: `${this.#name}:${line}:${col}` })
  }

  /** Fields by name; a map cannot be a name, and takes long to write as one. */
  #index(map: YAMLMap<ParsedNode, ParsedNode | null>): void {
    const fields = new Map<unknown, Field>()
    for (const { key, value } of map.items) {
      if (!isScalar(key)) this.#noYaml('the name of a field is a text', key.range[0])
      if (fields.has(key.value)) this.#noYaml(`the field \`${String(key.value)}\` is there twice`, key.range[0])
      fields.set(key.value, { at: key.range[0], value })
    }
    this.#fieldsOf.set(map, fields)
  }

  /** The node at the end of a way, if there is one. */
  #node(way: Way): ParsedNode | null | undefined {
    let node: ParsedNode | null | undefined = this.#doc.contents
    for (const step of way) {
      if (isMap(node)) node = this.#fieldsOf.get(node)?.get(step)?.value
      else if (isSeq(node) && typeof step === 'number') node = node.items[step] as ParsedNode | undefined
      else return undefined
    }
    return node
  }

  get value(): unknown {
    try {
      return this.#doc.toJS()
    } catch (error) {
      // an alias of nothing, or more aliases than a person writes
      return this.fail([], (error as Error).message, null, 'no-yaml')
    }
  }

  /** The offset of a field's name, or of an item of a list; of what they are in where the text has them not. */
  #offset(way: Way): number | undefined {
    for (let length = way.length; length > 0; length--) {
      const parent = this.#node(way.slice(0, length - 1))
      const step = way[length - 1]
      const field = isMap(parent) ? this.#fieldsOf.get(parent)?.get(step) : undefined
      const at = isMap(parent) ? field?.at : this.#node(way.slice(0, length))?.range?.[0]
      if (at !== undefined) return at
    }
    return this.#doc.contents?.range?.[0]
  }

  /** `file:line`. */
  place(way: Way): string {
    const at = this.#offset(way)
    return at === undefined ? this.#name : `${this.#name}:${this.#lines.linePos(at).line}`
  }

  /** `file:line:column`, where a mistake is. */
  exactPlace(way: Way): string {
    const at = this.#offset(way)
    if (at === undefined) return this.#name
    const { line, col } = this.#lines.linePos(at)
    return `${this.#name}:${line}:${col}`
  }

  fail(way: Way, message: string, hint: string | null = null, code: ScenarioCode = 'bad-field'): never {
    throw new ScenarioError(code, message, { place: this.exactPlace(way), hint })
  }

  fields(value: unknown, way: Way, known: readonly string[] | null): Fields {
    if (value === undefined || value === null) return {}
    if (typeof value !== 'object' || Array.isArray(value)) {
      const last = way.at(-1) ?? 'scenario'
      return this.fail(way, `${typeof last === 'number' ? 'a step' : `\`${last}\``} is a map of fields`)
    }
    for (const name of known === null ? [] : Object.keys(value)) {
      if (!known!.includes(name)) {
        this.fail([...way, name], `there is no field \`${name}\``, didYouMean(name, known!), 'unknown-field')
      }
    }
    return value as Fields
  }

  list(value: unknown, way: Way): readonly unknown[] {
    if (value === undefined || value === null) return []
    return Array.isArray(value) ? value : this.fail(way, `\`${way.at(-1)}\` is a list`)
  }

  text(value: unknown, way: Way): string {
    return typeof value === 'string' ? value : this.fail(way, `\`${way.at(-1)}\` is a text`)
  }

  /** A list of texts, or one text with commas. */
  names(value: unknown, way: Way): readonly string[] {
    return (typeof value === 'string' ? value.split(',') : this.list(value, way)).map(
      (each, i) => this.text(each, [...way, i]),
    )
  }

  /** A map of names to texts. */
  texts(value: unknown, way: Way): Readonly<Record<string, string>> {
    const entries = Object.entries(this.fields(value, way, null))
    return Object.fromEntries(entries.map(([name, of]) => [name, this.text(of, [...way, name])]))
  }

  number(value: unknown, way: Way): number {
    return numberOf(value, this.exactPlace(way))
  }
}

/** Fields that other files hardly have. */
const MARKS = ['scenario', 'lsms', 'identities', 'steps']
const MARKED = new RegExp(`\\b(${MARKS.join('|')})["']?\\s*:`)

/** Whether a text means to be a scenario, right or wrong: YAML or JSON with one of these fields at the top. */
export const isScenario = (text: string): boolean => {
  // a large file of something else is not parsed
  if (!MARKED.test(text)) return false
  return parseAllDocuments(text, { prettyErrors: false, logLevel: 'silent', uniqueKeys: false }).some(({ contents }) =>
    isMap(contents) && contents.items.some(({ key }) => isScalar(key) && MARKS.includes(String(key.value))))
}
