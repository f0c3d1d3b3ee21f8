/** Steps one after the other, and their progress: a list with time left on a terminal, else a plain line a step. */
import type { ListrTask } from 'listr2'

export interface Step {
  readonly title: string
  /** How long it takes, in steps of the shortest kind. */
  readonly weight: number
  /** Says which part of it is done, from 0 to 1, and waits until that is drawn. */
  readonly task: (done: (part: number) => Promise<void>) => void | Promise<void>
}

/** Where progress goes: stderr. */
export type ProgressStream = Pick<NodeJS.WriteStream, 'isTTY' | 'columns'> & NodeJS.WritableStream

/** Columns of a terminal in which progress is not redrawn but told line by line. */
const NARROW = 40

export const runSteps = (
  steps: readonly Step[], stream: ProgressStream = process.stderr, now: () => number = () => performance.now(),
): Promise<void> => (stream.isTTY && stream.columns >= NARROW ? drawn(steps, stream, now) : told(steps, stream))

const told = async (steps: readonly Step[], stream: ProgressStream): Promise<void> => {
  for (const { title, task } of steps) {
    stream.write(`${title}\n`)
    await task(() => Promise.resolve())
  }
}

const drawn = async (steps: readonly Step[], stream: ProgressStream, now: () => number): Promise<void> => {
  const { DefaultRenderer, Listr, ListrLogger, ProcessOutput } = await import('listr2')
  /** Draws although stdout may be a file: the terminal is on stderr. */
  class Renderer extends DefaultRenderer {
    static override nonTTY = true
  }
  const from = now()
  const all = sum(steps)
  const tasks = steps.map(({ title, weight, task }, i): ListrTask => {
    const before = sum(steps.slice(0, i))
    return {
      title,
      task: async (_, listed) => {
        const done = (part: number): Promise<void> => {
          listed.title = title + leftText(now() - from, (before + part * weight) / all)
          return turn()
        }
        await done(0)
        await task(done)
        listed.title = title
      },
    }
  })
  const output = stream as NodeJS.WriteStream
  const logger = new ListrLogger({ processOutput: new ProcessOutput(output, output) })
  await new Listr(tasks, { concurrent: false, renderer: Renderer, rendererOptions: { logger } }).run()
}

const sum = (steps: readonly Step[]): number => steps.reduce((weights, { weight }) => weights + weight, 0)

/** Programs run synchronously: a turn of the event loop in front of each lets the progress be drawn. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** The part `done` of everything took `ms`, and the rest goes on like that. '' at the beginning and at the end. */
export const leftText = (ms: number, done: number): string =>
  (done === 0 || done === 1 ? '' : `, about ${Math.ceil((ms / done - ms) / 1000)} s left`)
