/** A cell seen from the parent: started, asked for passes, stopped. */
import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { CellSpec } from './cell.ts'
import type { Reply, Request } from './child.ts'

const SOURCES = '--conditions=lsmkit:source'
/** What users get is measured: the built packages. Tests, and a bench that is run on sources, have no build. */
const conditions = process.execArgv.includes(SOURCES) || process.env['VITEST'] !== undefined ? [SOURCES] : []

const CHILD = fileURLToPath(new URL('./child.ts', import.meta.url))

export class CellProcess {
  readonly #child: ChildProcess
  readonly #name: string

  private constructor(child: ChildProcess, name: string) {
    this.#child = child
    this.#name = name
  }

  static async start(spec: CellSpec): Promise<CellProcess> {
    const execArgv = [...conditions, '--disable-warning=ExperimentalWarning', ...(spec.nodeFlags ?? [])]
    const child = fork(CHILD, [spec.module, JSON.stringify(spec.args), spec.compileCache === true ? 'cache' : ''], {
      execArgv,
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    const started = new CellProcess(child, spec.name)
    await started.#reply()
    return started
  }

  #reply(): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const gone = (code: number | null) =>
        reject(new Error(`the process of cell \`${this.#name}\` ended with ${code}`))
      this.#child.once('exit', gone)
      this.#child.once('message', (message: Reply) => {
        this.#child.off('exit', gone)
        if ('error' in message) reject(new Error(`cell \`${this.#name}\`: ${message.error}`))
        else resolve('value' in message ? message.value : undefined)
      })
    })
  }

  #request(request: Request): Promise<unknown> {
    const answer = this.#reply()
    this.#child.send(request)
    return answer
  }

  /** Nanoseconds an operation: what one pass measured. */
  async pass(): Promise<readonly number[]> {
    return [(await this.#request({ pass: true })) as number | readonly number[]].flat()
  }

  async ask<T>(question: string, arg?: unknown): Promise<T> {
    return (await this.#request({ ask: question, arg })) as T
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const ended = new Promise((resolve) => this.#child.once('exit', resolve))
    this.#child.kill('SIGKILL')
    await ended
  }
}

/** Starts the cells, lets `use` work with them, and stops them whatever happens. */
export const withCells = async <T>(
  specs: readonly CellSpec[],
  use: (cells: CellProcess[]) => Promise<T>,
): Promise<T> => {
  const starts = await Promise.allSettled(specs.map((spec) => CellProcess.start(spec)))
  const cells = starts.flatMap((start) => (start.status === 'fulfilled' ? [start.value] : []))
  try {
    for (const start of starts) if (start.status === 'rejected') throw start.reason
    return await use(cells)
  } finally {
    await Promise.all(cells.map((cell) => cell.stop()))
  }
}
