/** The thread of a shell: command lines one after the other. Elsewhere it does nothing. */
import { DefenseInDepthBox } from 'just-bash'
import { Errands } from './errands.ts'
import { Interpreter } from './interpreter.ts'
import { methodsOfModule } from './module-methods.ts'
import { allNames } from './programs.ts'
import { ThreadCalls } from './thread-calls.ts'
import type { TakeMessage } from './thread-calls.ts'
import { errorData, SHELL } from './thread-messages.ts'
import type { FromShell, ShellStart, ToShell } from './thread-messages.ts'

/** Node's. */
interface Threads {
  readonly parentPort: {
    postMessage(message: unknown, transfer: readonly object[]): void
    on(event: 'message', take: (message: ToShell) => void): void
  } | null
  readonly workerData: ShellStart | null
  readonly receiveMessageOnPort: TakeMessage
}

interface Scope {
  readonly process?: { readonly getBuiltinModule?: (name: string) => Threads | undefined }
}

const begin = (): void => {
  const threads = (globalThis as Scope).process?.getBuiltinModule?.('node:worker_threads')
  const { parentPort = null, workerData: start } = threads ?? {}
  if (threads === undefined || parentPort === null || start?.role !== SHELL) return
  const tell = (news: FromShell): void => parentPort.postMessage(news, [])
  const calls = new ThreadCalls(start, threads.receiveMessageOnPort, tell)
  // each line would put its guards on the thread's globals and take them off again
  methodsOfModule()
  DefenseInDepthBox.getInstance(true).activate()
  const shell = new Interpreter(calls, start.options, new Errands())
  parentPort.on('message', (told) => {
    if (told.kind === 'ran') return calls.ran(told.id, told.answer)
    calls.runs = told.runs
    calls.fetches = told.fetches
    shell.run(told.root, told.line).then(
      (value) => tell({ kind: 'done', answer: { value } }),
      (error: unknown) => tell({ kind: 'done', answer: { error: errorData(error) } }),
    )
  })
  tell({ kind: 'ready', names: allNames })
}
begin()
