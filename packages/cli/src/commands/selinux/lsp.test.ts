/** The language server in whole sessions of JSON-RPC. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { lsm } from '../../../test/test-io.ts'

const cwd = mkdtempSync(join(tmpdir(), 'lsm-lsp-'))
afterAll(() => rmSync(cwd, { recursive: true }))

const te = `policy_module(shop, 1.0)
attribute shop_domain;
type shop_t, shop_domain;
allow shop_t shop_t:file { read getattr };
shop_read(shop_t)
`
const interfaces = `## <summary>A shop.</summary>

## <summary>Read the orders.</summary>
## <param name="domain"><summary>Domain that reads.</summary></param>
interface(\`shop_read',\`
\tgen_require(\`
\t\ttype shop_t;
\t')
\tallow $1 shop_t:file read;
')
`
writeFileSync(join(cwd, 'shop.te'), te)
writeFileSync(join(cwd, 'shop.if'), interfaces)
writeFileSync(join(cwd, 'shop.fc'), '/srv/shop\t--\tgen_context(system_u:object_r:shop_t,s0)\n')

const uriOf = (name: string): string => pathToFileURL(join(cwd, name)).href
const framed = (message: object): string => {
  const body = JSON.stringify({ jsonrpc: '2.0', ...message })
  return `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
}
const ends = [{ id: 'end', method: 'shutdown' }, { method: 'exit' }]

/** Whatever a message has. */
type Json = ReturnType<typeof JSON.parse>

interface Answer {
  readonly id?: unknown
  readonly method?: string
  readonly result?: Json
  readonly error?: { readonly code: number; readonly message: string }
  readonly params?: Json
}

/** The bytes of a whole session in, its messages out. */
const session = async (stdin: string): Promise<{ code: number; answers: Answer[] }> => {
  const { code, stdout } = await lsm(['selinux', 'lsp'], { cwd, stdin })
  const answers: Answer[] = []
  let rest = Buffer.from(stdout, 'utf8')
  while (rest.length > 0) {
    const [head, length] = /^Content-Length: (\d+)\r\n\r\n/.exec(rest.toString('latin1'))!
    answers.push(JSON.parse(rest.toString('utf8', head.length, head.length + Number(length))))
    rest = rest.subarray(head.length + Number(length))
  }
  return { code, answers }
}

const opened = [
  { id: 0, method: 'initialize', params: { rootUri: pathToFileURL(cwd).href, capabilities: {} } },
  { method: 'initialized', params: {} },
  { method: 'textDocument/didOpen', params: { textDocument: { uri: uriOf('shop.te'), languageId: 'te', text: te } } },
]

/** Answers to requests about shop.te, at a line and character that count from 0. */
const asked = async (...requests: readonly (readonly [method: string, place: readonly number[], more?: object])[]) => {
  const { answers } = await session([...opened, ...requests.map(([method, [line, character], more], i) => ({
    id: i + 1, method: `textDocument/${method}`,
    params: { textDocument: { uri: uriOf('shop.te') }, position: { line, character }, ...more },
  })), ...ends].map(framed).join(''))
  return requests.map((_, i) => answers.find(({ id }) => id === i + 1)!)
}

describe('a session', () => {
  test('begins, tells what is wrong with an open file, and ends', async () => {
    const changed = { textDocument: { uri: uriOf('shop.te') }, contentChanges: [{ text: 'type a_t' }] }
    const { code, answers } = await session(
      [...opened, { method: 'textDocument/didChange', params: changed }, ...ends].map(framed).join(''))
    expect(code).toBe(0)
    expect(answers[0]!.result.capabilities).toMatchObject({ hoverProvider: true, renameProvider: true })
    const told = answers.filter(({ method }) => method !== undefined).map(({ params }) =>
      params.diagnostics.map((one: Json) => `${one.range.start.line} ${one.code}`))
    expect(told).toEqual([['3 C-005', '3 C-007'], ['0 F-001']])
    expect(answers.at(-1)).toEqual({ jsonrpc: '2.0', id: 'end', result: null })
  })

  test('answers about names', async () => {
    const [call, attribute, tclass, permission, nothing] = await asked(
      ['hover', [4, 3]], ['hover', [1, 12]], ['hover', [3, 22]], ['hover', [3, 28]], ['hover', [0, 0]])
    expect(call!.result.contents.value).toContain('Read the orders.')
    expect(call!.result.contents.value).toContain('`$1` domain: Domain that reads.')
    expect(attribute!.result.contents.value).toContain('types: `shop_t`')
    expect(tclass!.result.contents.value).toContain('class of the kernel')
    expect(permission!.result.contents.value).toContain('permission of')
    expect(nothing!.result).toBe(null)
  })

  test('finds declarations and uses', async () => {
    const [call, type, uses, others] = await asked(
      ['definition', [4, 3]], ['definition', [3, 8]], ['references', [2, 6]],
      ['references', [2, 6], { context: { includeDeclaration: false } }])
    expect(call!.result).toEqual([{
      uri: uriOf('shop.if'), range: { start: { line: 4, character: 11 }, end: { line: 4, character: 20 } },
    }])
    expect(type!.result[0].range.start).toEqual({ line: 2, character: 5 })
    expect(uses!.result).toHaveLength(7)
    expect(others!.result).toHaveLength(6)
  })

  test('renames a type in every file of the policy, and no name that is taken', async () => {
    const [done, taken, bad, foreign] = await asked(
      ['rename', [2, 6], { newName: 'store_t' }], ['rename', [2, 6], { newName: 'shop_domain' }],
      ['rename', [2, 6], { newName: 'a b' }], ['rename', [3, 1], { newName: 'x' }])
    expect(Object.fromEntries(Object.entries(done!.result.changes).map(([uri, edits]) =>
      [uri.slice(-7), (edits as object[]).length]))).toEqual({ 'shop.fc': 1, 'shop.if': 2, 'shop.te': 4 })
    expect([taken, bad, foreign].map((one) => one!.error?.message))
      .toEqual(['`shop_domain` is taken', '`a b` is not a name', '`allow` is not declared here'])
  })

  test('completes, formats and outlines', async () => {
    const text = `${te}allow shop_t shop_t:file { re\nshop_\n`
    const uri = uriOf('shop.te')
    const { answers } = await session([...opened,
      { method: 'textDocument/didChange', params: { textDocument: { uri }, contentChanges: [{ text }] } },
      ...[[5, 29], [6, 5], [4, 13]].map(([line, character], id) => ({
        id: id + 1, method: 'textDocument/completion', params: { textDocument: { uri }, position: { line, character } },
      })),
      { id: 4, method: 'textDocument/documentSymbol', params: { textDocument: { uri: uriOf('shop.if') } } },
      { id: 5, method: 'textDocument/formatting', params: { textDocument: { uri: uriOf('shop.if') }, options: {} } },
      { id: 6, method: 'textDocument/formatting', params: { textDocument: { uri }, options: {} } },
      ...ends].map(framed).join(''))
    const labels = (id: number): string[] =>
      answers.find((one) => one.id === id)!.result.items.map((one: { label: string }) => one.label)
    expect(labels(1)).toEqual(['read', 'relabelfrom', 'relabelto', 'rename'])
    expect(labels(2)).toEqual(['shop_read'])
    expect(labels(3)).toEqual(['shop_domain', 'shop_t'])
    expect(answers.find(({ id }) => id === 4)!.result).toMatchObject([{ name: 'shop_read', kind: 11 }])
    expect(answers.find(({ id }) => id === 5)!.result).toEqual([])
    expect(answers.find(({ id }) => id === 6)!.error).toMatchObject({ code: -32_803 })
  })
})

describe('the compiler', () => {
  const uri = uriOf('shop.te')
  const changed = (text: string, at = uri) => ({
    method: 'textDocument/didChange', params: { textDocument: { uri: at }, contentChanges: [{ text }] },
  })
  const head = te.split('\n').slice(0, 3).join('\n')
  /** By document: its mistakes as `line:column code message`, each time they are published. */
  const published = async (...messages: readonly object[]) => {
    const { answers } = await session([...opened, ...messages, ...ends].map(framed).join(''))
    return answers.filter(({ method }) => method !== undefined).map(({ params }) => [
      params.uri.slice(-7), ...params.diagnostics.filter(({ severity }: Json) => severity === 1).map((one: Json) =>
        `${one.range.start.line}:${one.range.start.character} ${one.code} ${one.message}`),
    ])
  }

  test('tells of mistakes in a module, until they are mended', async () => {
    expect(await published(
      changed(`${head}\nallow shop_t gone_t:file read;\n`), changed(`${head}\ntype shop_t;\n`), changed(te),
    )).toEqual([
      ['shop.te'],
      ['shop.te', '3:13 unresolved type `gone_t` is not known (declare it, or require it: `type gone_t;`)'],
      ['shop.te', expect.stringMatching(/^3:\d+ redeclared /)],
      ['shop.te'],
    ])
  })

  test('shows a mistake that an interface brings at its call, and the place in the interface', async () => {
    const broken = interfaces.replace('$1 shop_t:file', '$1 other_t:file')
    const { answers } = await session([...opened,
      { method: 'textDocument/didOpen', params: { textDocument: { uri: uriOf('shop.if'), text: broken } } },
      ...ends].map(framed).join(''))
    const [at] = answers.filter(({ params }) => params?.uri === uri).at(-1)!.params.diagnostics
    expect(at).toMatchObject({ severity: 1, range: { start: { line: 4, character: 0 } } })
    expect(at.relatedInformation.map(({ location }: Json) => [location.uri, location.range.start.line]))
      .toEqual([[uriOf('shop.if'), expect.any(Number)]])
  })

  test('knows no interfaces of others without headers, and says so with them', async () => {
    expect(await published(changed(`${te}files_read_etc(shop_t)\n`))).toEqual([['shop.te'], ['shop.te']])
  })

  test('without a folder of the editor, the files beside the open one count', async () => {
    const { answers } = await session([
      { id: 0, method: 'initialize', params: { rootUri: null, workspaceFolders: [], capabilities: {} } }, opened[2]!,
      { id: 1, method: 'textDocument/definition',
        params: { textDocument: { uri }, position: { line: 4, character: 3 } } },
      ...ends].map(framed).join(''))
    expect(answers.find(({ id }) => id === 1)!.result).toMatchObject([{ uri: uriOf('shop.if') }])
  })

  test('a closed document counts as it is on the disk, and has no mistakes', async () => {
    const closed = { method: 'textDocument/didClose', params: { textDocument: { uri } } }
    const position = { line: 2, character: 6 }
    const hover = { id: 9, method: 'textDocument/hover', params: { textDocument: { uri }, position } }
    const { answers } = await session([...opened, changed('policy_module(shop, 1.0)\n'), closed, hover, ...ends]
      .map(framed).join(''))
    expect(answers.filter(({ method }) => method !== undefined).at(-1)!.params).toEqual({ uri, diagnostics: [] })
    expect(answers.find(({ id }) => id === 9)!.result.contents.value).toContain('type shop_t')
  })
})

test('what cannot be taken is answered, and the session goes on', async () => {
  const { code, answers } = await session([
    framed({ id: 1, method: 'textDocument/hover' }), 'Content-Length: 3\r\n\r\n{]}', 'Content-Length: 2\r\n\r\n[]',
    framed({ id: 2, method: 'initialize', params: {} }), framed({ id: 3, method: 'textDocument/hovr' }),
    framed({ id: 4, method: 'textDocument/hover', params: {} }), framed({ method: 'textDocument/didOpen' }),
    framed({ id: 5 }), framed({ id: 6, method: 'shutdown' }), framed({ id: 7, method: 'textDocument/hover' }),
    framed({ method: 'exit' }),
  ].join(''))
  expect(code).toBe(0)
  expect(answers.map(({ id, error }) => [id, error?.code])).toEqual([
    [1, -32_002], [null, -32_700], [null, -32_600], [2, undefined], [3, -32_601], [4, -32_803], [5, -32_600],
    [6, undefined], [7, -32_600],
  ])
  expect((await session('')).code).toBe(1)
  expect((await session('x'.repeat(5000))).code).toBe(3)
  expect((await session('Content-Length: x\r\n\r\n')).code).toBe(3)
})
