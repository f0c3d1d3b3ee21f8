/** The reader's module on the page: its text, the lines that try it, and what came of the last press of Run. */
import { ownValue } from '@lsmkit/abi'
import { signal } from '@preact/signals'
import type { ModuleFault, OwnModuleReport } from '../kernel/protocol.ts'
import { limitsOf } from './limits.ts'
import { oneOf, set, setting } from './link-state.ts'
import { moduleExamples } from './module-examples.ts'
import { bootOwn, ended, kernel, onOutput, run, store, withPatience } from './session.ts'

export type MadeModule = Extract<OwnModuleReport, { ok: true }>

export interface LineResult {
  readonly line: string
  readonly output: string
  readonly status: number
  /** Numbers of the decisions that it led to, from the first to one behind the last. */
  readonly from: number
  readonly to: number
}

export interface Trial {
  readonly made: MadeModule
  readonly lines: readonly LineResult[]
}

export const trial = signal<Trial | null>(null)
export const fault = signal<ModuleFault | null>(null)
export const isTrying = signal(false)

export const exampleOf = (): string => oneOf('example', Object.keys(moduleExamples), 'suffix')
const example = () => ownValue(moduleExamples, exampleOf())!
export const sourceOf = (): string => setting('source') || example().text
/** The text of the address that was opened, '' where it has none: another person may have written it. */
export const sourceOfLink = signal(setting('source'))
addEventListener('hashchange', () => (sourceOfLink.value = setting('source')))
export const programOf = (): string => setting('lines') || example().program

/** A text that is the example's own needs no place in the link. */
export const setSource = (text: string): void => set({ source: text === example().text ? '' : text })
export const setProgram = (text: string): void => set({ lines: text === example().program ? '' : text })

/** The boot line: behind capability, unless the reader has given it another place. */
const orderWith = (name: string, before: string | null): string[] => {
  const names = (setting('lsm') || 'capability').split(',').filter((one) => one !== '' && one !== before)
  if (names.includes(name)) return names
  return names.toSpliced(names.indexOf('capability') + 1, 0, name)
}

/** Where a person sees it in the window: names of root are behind `#`, those of the visitor behind `$` or nothing. */
export const commandOf = (line: string): { readonly user: 'root' | 'visitor'; readonly command: string } => ({
  user: line.startsWith('#') ? 'root' : 'visitor',
  command: line.replace(/^[#$]\s*/, ''),
})

const tryLine = async (line: string): Promise<LineResult> => {
  const { user, command } = commandOf(line)
  const decoder = new TextDecoder()
  let output = ''
  const from = store.total
  const stop = onOutput((bytes) => (output += decoder.decode(bytes, { stream: true })))
  try {
    const program = { kind: 'command', path: '/usr/bin/sh', args: ['-c', command] } as const
    await run({ program, user, limits: limitsOf(), columns: 80, rows: 24 }, command)
  } finally {
    stop()
  }
  const status = ended.value?.status ?? -1
  return { line, output: output.replaceAll('\r', ''), status, from, to: store.total }
}

/** Makes the module, boots a kernel with it, and runs the lines one after the other. */
export const tryOwnModule = async (): Promise<void> => {
  if (isTrying.value) return
  isTrying.value = true
  const before = trial.value?.made.name ?? null
  try {
    const text = sourceOf()
    const answer = await withPatience(kernel().call('tryModule', text))
    if (answer === null) return
    fault.value = answer.ok ? null : answer
    trial.value = null
    if (!answer.ok) return
    if (!(await bootOwn(text, orderWith(answer.name, before)))) return
    const lines: LineResult[] = []
    for (const line of programOf().split('\n')) {
      if (commandOf(line.trim()).command === '') continue
      lines.push(await tryLine(line.trim()))
      trial.value = { made: answer, lines: [...lines] }
    }
    trial.value = { made: answer, lines }
  } finally {
    isTrying.value = false
  }
}

/** The decisions of a line that this module refused. */
export const denialsOf = ({ from, to }: LineResult, name: string): number[] =>
  Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i).filter(
    (number) => store.has(number) && isRefusal(number) && store.text('lsm', number) === name,
  )

const isRefusal = (number: number): boolean => store.columns.verdict[store.at(number)] !== 0
