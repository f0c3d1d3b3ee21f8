/** Smack's rules on the machine as its file shows them, a policy of the same, and rule files that the reader writes. */
import { AT_FDCWD, O_RDONLY } from '@lsmkit/abi'
import type { Kernel } from '@lsmkit/kernel'
import { checkRules, diagnosticText } from '@lsmkit/smack/engine'
import type { Machine } from './machine.ts'
import type { PolicyFault, PolicyText } from './protocol.ts'

const PART = 65_536

/** All of a file, as process 1 reads it; '' when it cannot. */
export const readText = ({ sys, init }: Kernel, path: string): string => {
  const fd = sys.openat(init, AT_FDCWD, path, O_RDONLY, 0)
  if (fd < 0) return ''
  const decoder = new TextDecoder()
  const buffer = new Uint8Array(PART)
  let text = ''
  for (let n = sys.read(init, fd, buffer); n > 0; n = sys.read(init, fd, buffer)) {
    text += decoder.decode(buffer.subarray(0, n), { stream: true })
  }
  sys.close(init, fd)
  return text
}

export const smackRules = async ({ quiet }: Machine) => {
  const { loadRules, Policy } = await import('@lsmkit/smack/engine')
  const text = readText(quiet, '/sys/fs/smackfs/load2')
  const policy = new Policy()
  loadRules(policy, text)
  return { policy, text }
}

/** The first mistake, printed as `lsm smack check` prints it. */
export const checkSmack = (texts: readonly PolicyText[]): PolicyFault | null => {
  for (const { name, text } of texts) {
    const found = checkRules(text).diagnostics.find(({ severity }) => severity === 'error')
    if (found === undefined) continue
    const { message, hint, line, column } = found
    const excerpt = text.split('\n')[line - 1] ?? ''
    const mark = `  ${excerpt}\n  ${' '.repeat(column - 1)}^`
    return { file: name, message, hint, line, column, text: `${diagnosticText(name, found)}\n${mark}` }
  }
  return null
}

const pairOf = (line: string): string => line.trim().split(/\s+/).slice(0, 2).join(' ')

/** The lines to write, so that the rules of `before` become those of the texts: one that is gone is taken back. */
export const ruleWrites = (before: string, texts: readonly PolicyText[]): readonly string[] => {
  const wanted = texts.flatMap(({ text }) => text.split('\n')).filter((line) => line.trim() !== '')
  const pairs = new Set(wanted.map(pairOf))
  const gone = before.split('\n').filter((line) => line.trim() !== '').map(pairOf).filter((pair) => !pairs.has(pair))
  return [...gone.map((pair) => `${pair} -\n`), ...wanted.map((line) => `${line}\n`)]
}
