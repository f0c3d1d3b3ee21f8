/**
 * `generate SEED COUNT OPERATIONS FOLDER FEATURES…` writes random sessions and their policies; `merge FOLDER ANSWERS`
 * prints them with the answers of the player.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { nameBytes } from '@lsmkit/apparmor/policydb'
import { percentText } from '../../src/apparmor/percent.ts'
import { namedNumber } from '../../src/named-number.ts'
import { answersOf } from '../apparmor-guest/answers.ts'
import { Parser } from '../apparmor-guest/parser.ts'
import { generateSession } from './generate.ts'
import type { Session, Step } from './generate.ts'

const CONSTANTS = /^[A-Z][A-Z\d_]*(?:\|[A-Z\d_]+)*$/u

/** As the player reads it: constants are numbers, `%` is an empty word. */
const played = (word: string): string => {
  if (CONSTANTS.test(word)) return String(namedNumber(word))
  return word === '' ? '%' : percentText(nameBytes(word))
}

const stepLine = (step: Step): string =>
  'start' in step ? `start ${step.start}` : `${step.actor} ${step.op.map(played).join(' ')}`

interface Named {
  readonly name: string
  readonly session: Session
}

/** Policies have the name of their session, and damaged ones are cut. */
const withNames = ({ name, session }: Named): Session => {
  const file = (word: string): string => `${name}-${word}`
  const steps = session.steps.map((step): Step => {
    if ('start' in step || (step.op[0] !== 'load' && step.op[0] !== 'replace')) return step
    return { ...step, op: [step.op[0], file(step.op[1]!)] }
  })
  return { ...session, steps }
}

const compile = (parser: Parser, { session }: Named, features: string): Record<string, Uint8Array> | null => {
  const binaries = new Map<string, Uint8Array>()
  for (const [word, text] of Object.entries(session.policies)) {
    const binary = parser.compile(text, features)
    if (binary === null || binary === undefined) return null
    binaries.set(word, binary)
  }
  return { ...Object.fromEntries(binaries), bad: binaries.get('first')!.slice(0, -20) }
}

const generate = (
  seed: number, count: number, operations: number, folder: string, features: readonly string[],
): void => {
  mkdirSync(join(folder, 'session'), { recursive: true })
  const parser = new Parser()
  const lines: string[] = []
  const sessions: Named[] = []
  for (let at = seed; at < seed + count; at++) {
    const named = { name: `g${at}`, session: generateSession(at, operations) }
    const binaries = compile(parser, named, features[at % features.length]!)
    if (binaries === null) {
      process.stderr.write(`${named.name}: the parser refuses its policy\n`)
      continue
    }
    for (const [word, binary] of Object.entries(binaries)) {
      writeFileSync(join(folder, 'session', `${named.name}-${word}.bin`), binary)
    }
    const session = withNames(named)
    sessions.push({ ...named, session })
    lines.push('session', ...session.steps.map(stepLine))
  }
  parser.close()
  writeFileSync(join(folder, 'sessions'), `${lines.join('\n')}\n`)
  writeFileSync(join(folder, 'count'), String(sessions.length))
  writeFileSync(join(folder, 'sessions.json'), JSON.stringify(sessions))
}

const print = (value: unknown): boolean => process.stdout.write(`${JSON.stringify(value)}\n`)

const printSession = ({ name, session }: Named, [head, ...answers]: readonly string[]): void => {
  print({ session: name, theme: session.theme, revision0: Number(head) })
  let n = 0
  for (const step of session.steps) {
    if ('start' in step) {
      print(step)
      continue
    }
    const answer = answers[n++]
    // the machine did not come so far
    if (answer === undefined) return
    if (answer === 'gone') continue
    const [errno, result, label, exec, prev, ...log] = answer.split('\t')
    const op = step.op.map((word) => percentText(nameBytes(word), true))
    print({ n, actor: step.actor, op, errno, result, label, exec, prev, ...(log.length > 0 ? { log } : {}) })
  }
}

const merge = (folder: string, path: string): void => {
  const sessions = JSON.parse(readFileSync(join(folder, 'sessions.json'), 'utf8')) as Named[]
  const lines = readFileSync(path, 'utf8').split('\n').filter((line) => line !== '')
  const answers = answersOf(lines)
  for (const [i, session] of sessions.entries()) {
    const steps = answers.get(i)
    if (steps !== undefined) printSession(session, steps)
  }
}

const [command, ...args] = process.argv.slice(2)
if (command === 'generate' && args.length > 4) {
  const [seed, count, operations, folder, ...features] = args
  generate(Number(seed), Number(count), Number(operations), folder!, features)
} else if (command === 'merge' && args.length === 2) merge(args[0]!, args[1]!)
else {
  process.stderr.write('usage: generate SEED COUNT OPERATIONS FOLDER FEATURES… | merge FOLDER ANSWERS\n')
  process.exitCode = 2
}
