/** The service of types as functions. Its worker and its files are loaded with the first question, and stay. */
import typesUrl from 'virtual:module-types'
import type { TypeAnswer, TypeCalls, TypeMethod } from '../types/protocol.ts'

type Answer<M extends TypeMethod> = ReturnType<TypeCalls[M]>

class TypeClient {
  readonly #worker = new Worker(new URL('../types/service.ts', import.meta.url), { type: 'module' })
  readonly #waiting = new Map<number, { resolve: (value: never) => void; reject: (error: Error) => void }>()
  #last = 0

  constructor(files: unknown) {
    this.#worker.addEventListener('message', ({ data }: MessageEvent<TypeAnswer>) => {
      const { resolve, reject } = this.#waiting.get(data.id)!
      this.#waiting.delete(data.id)
      if ('error' in data) reject(new Error(data.error))
      else resolve(data.value as never)
    })
    this.#worker.addEventListener('error', (event) => {
      event.preventDefault()
      for (const { reject } of this.#waiting.values()) reject(new Error(event.message || 'it could not be loaded'))
      this.#waiting.clear()
    })
    this.#worker.postMessage({ files }, { transfer: [] })
  }

  ask<M extends TypeMethod>(method: M, args: Parameters<TypeCalls[M]>): Promise<Answer<M>> {
    const id = ++this.#last
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
      this.#worker.postMessage({ id, method, args }, { transfer: [] })
    })
  }
}

const load = async (): Promise<TypeClient> => {
  const answer = await fetch(typesUrl)
  if (!answer.ok) throw new Error(`${typesUrl}: ${answer.status}`)
  return new TypeClient(await answer.json())
}

let client: Promise<TypeClient> | null = null

/** Rejects where the service cannot be loaded; the next call tries again. */
export const askTypes = async <M extends TypeMethod>(method: M, ...args: Parameters<TypeCalls[M]>) => {
  client ??= load()
  try {
    return await (await client).ask(method, args)
  } catch (error) {
    client = null
    throw error
  }
}
