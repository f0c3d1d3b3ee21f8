/** The documentation of an interface: what the `##` lines before it say, in the elements that refpolicy uses. */

export interface DocumentedParameter {
  readonly name: string
  readonly summary: string
  readonly isOptional: boolean
}

export interface Documentation {
  /** One line; empty without documentation. */
  readonly summary: string
  /** `<desc>`: paragraphs with an empty line between them, and items of lists that begin with `- `. */
  readonly description: string
  /** In their order: the first one is `$1`. */
  readonly parameters: readonly DocumentedParameter[]
  /** `<rolecap/>`: the interface gives a role what it needs to administer or use something. */
  readonly isRoleCapability: boolean
}

const entities: ReadonlyMap<string, string> =
  new Map([['&lt;', '<'], ['&gt;', '>'], ['&quot;', '"'], ['&apos;', "'"], ['&amp;', '&']])

const breaks: ReadonlyMap<string, string> = new Map([
  ['p', '\n\n'], ['/p', '\n\n'], ['ul', '\n'], ['/ul', '\n\n'], ['ol', '\n'], ['/ol', '\n\n'], ['li', '\n- '],
  ['br', '\n'],
])

const plain = (text: string): string => text.replace(/&(?:lt|gt|quot|apos|amp);/g, (name) => entities.get(name)!)

const spaced = (text: string): string => text.replace(/\s+/g, ' ')

/** Lines without needless spaces, and at most one empty line between them. */
const tidy = (text: string): string => {
  const lines: string[] = []
  for (const written of text.split('\n')) {
    const line = spaced(written).trim()
    if (line !== '' || lines.at(-1) !== '') lines.push(line)
  }
  return lines.join('\n').trim()
}

const attribute = (element: string, name: string): string | null => {
  for (const [, key, value] of element.matchAll(/([a-z]+)="([^"]*)"/g)) if (key === name) return plain(value!)
  return null
}

interface Parameter {
  name: string
  summary: string
  isOptional: boolean
}

class DocumentationReader {
  readonly parameters: Parameter[] = []
  summary = ''
  description = ''
  isRoleCapability = false
  #parameter: Parameter | null = null
  #inside: 'summary' | 'desc' | null = null
  #text = ''

  text(written: string): void {
    if (this.#inside !== null) this.#text += spaced(plain(written))
  }

  element(written: string): void {
    const name = /^\/?[a-z]+/.exec(written)?.[0] ?? ''
    if (name === 'summary' || name === 'desc') this.#open(name)
    else if (name === '/summary' || name === '/desc') this.close()
    else if (name === 'param') this.#openParameter(written)
    else if (name === '/param') this.#closeParameter()
    else if (name === 'rolecap') this.isRoleCapability = true
    else if (this.#inside !== null) this.#text += breaks.get(name) ?? ''
  }

  /** Ends what is open: an element without an end lasts up to the next one. */
  close(): void {
    const text = tidy(this.#text)
    if (this.#inside === 'desc') this.description = text
    if (this.#inside === 'summary') (this.#parameter ?? this).summary = spaced(text)
    this.#inside = null
    this.#text = ''
  }

  #open(inside: 'summary' | 'desc'): void {
    this.close()
    this.#inside = inside
  }

  #openParameter(written: string): void {
    this.#closeParameter()
    const name = attribute(written, 'name') ?? ''
    this.#parameter = { name, summary: '', isOptional: attribute(written, 'optional') === 'true' }
    this.parameters.push(this.#parameter)
  }

  #closeParameter(): void {
    this.close()
    this.#parameter = null
  }
}

/** `text` without its `##`. Text without elements is the summary; mistakes in it are passed over. */
export const readDocumentation = (text: string): Documentation => {
  const reader = new DocumentationReader()
  let from = 0
  for (const found of text.matchAll(/<([^<>]*)>/g)) {
    reader.text(text.slice(from, found.index))
    reader.element(found[1]!)
    from = found.index + found[0].length
  }
  if (from === 0) reader.element('summary')
  reader.text(text.slice(from))
  reader.close()
  const { summary, description, parameters, isRoleCapability } = reader
  return { summary, description, parameters, isRoleCapability }
}
