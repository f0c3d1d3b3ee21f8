/** The worker of types: TypeScript itself, loaded when the first module is written. */
import { typeCalls } from './answers.ts'
import type { TypeAnswer, TypeCalls, TypeFiles, TypeRequest } from './protocol.ts'

const answer = (message: TypeAnswer): void => self.postMessage(message, { transfer: [] })

let calls: TypeCalls | null = null

self.addEventListener<TypeFiles | TypeRequest>('message', ({ data }) => {
  if ('files' in data) {
    calls = typeCalls(data.files)
    return
  }
  const { id, method, args } = data
  try {
    answer({ id, value: (calls![method] as (...args: readonly unknown[]) => unknown)(...args) })
  } catch (error) {
    answer({ id, error: (error as Error).message })
  }
})
