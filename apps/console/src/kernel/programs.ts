/** Programs that the page brings: the C tools with the first kernel, Ruby when it is asked for. */

const tools = import.meta.glob<string>('../../../../packages/wasi/programs/*.wasm', {
  query: '?url',
  import: 'default',
  eager: true,
})
const capraise = import.meta.glob<string>('../../../demo/programs/capraise/capraise.wasm', {
  query: '?url',
  import: 'default',
  eager: true,
})

const fetchBytes = async (url: string): Promise<Uint8Array<ArrayBuffer>> => {
  const answer = await fetch(new URL(url, import.meta.url))
  if (!answer.ok) throw new Error(`${url} cannot be loaded: ${answer.status}`)
  return new Uint8Array(await answer.arrayBuffer())
}

let loaded: Promise<Readonly<Record<string, Uint8Array>>> | null = null

/** By name, without `.wasm`. */
export const toolBytes = (): Promise<Readonly<Record<string, Uint8Array>>> =>
  (loaded ??= Promise.all(
    Object.entries({ ...tools, ...capraise }).map(
      async ([path, url]) => [/([^/]+)\.wasm$/.exec(path)![1]!, await fetchBytes(url)] as const,
    ),
  ).then((all) => Object.fromEntries(all)))

/** Ruby 3.4 with its standard library: 30 MB. */
export const rubyBytes = async (): Promise<Uint8Array<ArrayBuffer>> =>
  fetchBytes((await import('@ruby/3.4-wasm-wasi/dist/ruby+stdlib.wasm?url')).default)
