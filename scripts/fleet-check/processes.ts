/** Processes of a check: whatever happens to this one, each of them is ended by its process id. */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const living = new Set<ChildProcess>()

/** Ends what is left when its input does: this process was killed then. It is given ids as they come and go. */
const reaper = spawn('/bin/sh', ['-c', `
  pids=' '
  while read -r line; do
    case $line in
      -*) pids=$(printf %s "$pids" | sed "s/ \${line#-} / /") ;;
      *) pids="$pids$line " ;;
    esac
  done
  [ "$pids" = ' ' ] || kill -9 $pids 2>/dev/null
`], { stdio: ['pipe', 'ignore', 'ignore'], detached: true })
reaper.unref()
const tellReaper = (line: string): void => void reaper.stdin.write(`${line}\n`)
reaper.stdin.on('error', () => {})

export const endAll = (): void => {
  for (const child of living) child.kill('SIGKILL')
}
process.on('exit', endAll)
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(1))

/** A process that was started, and its end. */
export class Started {
  readonly child: ChildProcess
  readonly ended: Promise<void>

  constructor(child: ChildProcess) {
    this.child = child
    living.add(child)
    tellReaper(String(child.pid))
    this.ended = new Promise((resolve) => {
      child.once('exit', () => {
        living.delete(child)
        tellReaper(`-${child.pid}`)
        resolve()
      })
      child.once('error', () => resolve())
    })
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name)
  }

  async kill(): Promise<void> {
    this.signal('SIGKILL')
    await this.ended
  }
}

const TICKS = 100

/** Processor seconds of a process until now; 0 where the system does not say it. */
export const processorSeconds = ({ child }: Started): number => {
  try {
    const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ')
    return (Number(fields[11]) + Number(fields[12])) / TICKS
  } catch {
    return 0
  }
}

export const startProcess = (command: string, args: readonly string[]): Started =>
  new Started(spawn(command, [...args], { stdio: 'ignore' }))

let compiled: string | null = null
/** Programs of one check compile the sources once. */
const compiledFolder = (): string => {
  if (compiled !== null) return compiled
  const path = mkdtempSync(join(tmpdir(), 'lsmkit-compiled-'))
  process.on('exit', () => rmSync(path, { recursive: true, force: true }))
  return compiled = path
}

/** A program of this folder with its settings; `onLine` gets each object that it prints. It ends with this process. */
export const startProgram = <T>(file: string, settings: object, onLine: (line: T) => void): Started => {
  const child = spawn(process.execPath, ['--conditions=lsmkit:source', '--no-warnings', file], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, NODE_EXTRA_CA_CERTS: '', NODE_COMPILE_CACHE: compiledFolder() },
  })
  child.stdin.on('error', () => {})
  child.stdin.write(`${JSON.stringify(settings)}\n`)
  createInterface({ input: child.stdout }).on('line', (line) => onLine(JSON.parse(line) as T))
  return new Started(child)
}

/** Of a program: its settings. It ends when the process that started it does. */
export const readSettings = async <T>(): Promise<T> => {
  const lines = createInterface({ input: process.stdin })
  lines.on('close', () => process.exit(1))
  return new Promise((resolve) => lines.once('line', (line) => resolve(JSON.parse(line) as T)))
}

export const printLine = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`)

export const dieHere = (): never => {
  process.kill(process.pid, 'SIGKILL')
  // the signal comes between two instructions
  for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000)
}

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** Until it is given up: a machine that is busy takes its time. */
const MOST_MS = 900_000

/** Rejects after so long; `holds` may reject while a store is away. */
export const until = async (what: string, holds: () => Promise<boolean> | boolean, mostMs = MOST_MS): Promise<void> => {
  const end = performance.now() + mostMs
  for (;;) {
    let seen: unknown = 'not yet'
    try {
      if (await holds()) return
    } catch (error) {
      seen = error
    }
    if (performance.now() > end) throw new Error(`${what}: not within ${mostMs / 1000} s: ${String(seen)}`)
    await sleep(50)
  }
}
