/** For tests: `lsm` on a terminal of 33 rows and 99 columns, which script(1) makes. */
import { spawn, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export const hasTerminals = spawnSync('script', ['--version']).status === 0
if (!hasTerminals) process.stderr.write('SKIPPED: there is no script(1) to make a pseudo terminal with\n')

export interface Typed {
  readonly shown: string
  readonly code: number
}

/** Lines as a reader sees them: the terminal puts one or two carriage returns before a line feed. */
const read = (text: string): string => text.replaceAll(/\r+\n/g, '\n')

/**
 * Types each line when the one before has been answered, the first after a prompt; all that the terminal showed. A
 * function is called in the place of typing.
 * `command`: words for a shell.
 */
export const typeAt = async (
  command: string, lines: readonly (readonly [keys: string | (() => void), answer: string])[], prompt = '$ ',
): Promise<Typed> => {
  const main = fileURLToPath(new URL('../src/lsm.ts', import.meta.url))
  const node = `'${process.execPath}' --conditions=lsmkit:source --no-warnings`
  const line = `stty rows 33 cols 99; ${node} '${main}' ${command}`
  const child = spawn('script', ['-qec', line, '/dev/null'], { stdio: ['pipe', 'pipe', 'inherit'] })
  let shown = ''
  let wake = (): void => {}
  child.stdout.on('data', (bytes: Buffer) => {
    shown += bytes.toString()
    wake()
  })
  const closed = new Promise<number>((resolve) => {
    child.on('close', (code) => {
      wake()
      resolve(code ?? -1)
    })
  })
  const shows = async (text: string, from: number): Promise<void> => {
    while (!read(shown.slice(from)).includes(text) && child.exitCode === null)
      await new Promise<void>((resolve) => (wake = resolve))
  }
  await shows(prompt, 0)
  for (const [keys, answer] of lines) {
    const from = shown.length
    if (typeof keys === 'string') child.stdin.write(keys)
    else keys()
    await shows(answer, from)
  }
  const code = await closed
  return { shown: read(shown), code }
}
