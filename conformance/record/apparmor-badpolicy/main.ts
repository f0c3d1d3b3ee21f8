/**
 * `generate SEED COUNT FOLDER FEATURES…` writes damaged policies of random texts; `merge FOLDER ANSWERS` prints the
 * rows with the answers of the player.
 */
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { generateText } from '../apparmor-compile/generate.ts'
import { Words } from '../apparmor-compile/words.ts'
import { answersOf } from '../apparmor-guest/answers.ts'
import { Parser } from '../apparmor-guest/parser.ts'
import { damageTo } from './damage.ts'
import type { Damage } from './damage.ts'

/** Writes of a session, which begins without policy. */
const SESSION = 60
/** Policies of a session; damaged ones replace each other. */
const BASES = 4

interface Base {
  readonly name: string
  readonly bytes: Uint8Array
}

const basesOf = (parser: Parser, folder: string, from: number, features: readonly string[]): Base[] => {
  const bases: Base[] = []
  for (let seed = from * 100; bases.length < BASES; seed++) {
    // names of their own: this kernel does not survive a write that replaces a profile twice
    const text = generateText(seed).replaceAll(/p(?=[ ]?[01])/gu, 'abcd'[bases.length]!)
    const bytes = parser.compile(text, features[seed % features.length]!)
    if (bytes === null || bytes === undefined || bytes.length > 20_000) continue
    const name = `b${seed}`
    writeFileSync(join(folder, 'session', `${name}.bin`), bytes)
    bases.push({ name, bytes: new Uint8Array(bytes) })
  }
  return bases
}

const joined = (words: Words, bases: readonly Base[]): Base => {
  const [first, second] = words.some(bases, 2) as [Base, Base]
  if (!words.rarely(12)) return first
  return { name: `${first.name}+${second.name}`, bytes: Uint8Array.from([...first.bytes, ...second.bytes]) }
}

const patched = (bytes: Uint8Array, { patch: [at, removed, now] }: Damage): Uint8Array =>
  Uint8Array.from([...bytes.slice(0, at), ...now, ...bytes.slice(at + removed)])

const generate = (seed: number, count: number, folder: string, features: readonly string[]): void => {
  mkdirSync(join(folder, 'session'), { recursive: true })
  const parser = new Parser()
  const rows: string[] = []
  const writes: string[] = []
  const all: Uint8Array[] = []
  let bases: Base[] = []
  for (let n = 0; n < count; n++) {
    const session = seed + Math.floor(n / SESSION)
    if (n % SESSION === 0) {
      bases = basesOf(parser, folder, session, features)
      writes.push('session')
    }
    const words = new Words(seed * 1000 + n)
    const { name, bytes } = joined(words, bases)
    const damage = damageTo(bytes, words)
    const file = words.rarely(3) ? '.load' : '.replace'
    const now = patched(bytes, damage)
    const [at, removed, put] = damage.patch
    rows.push(JSON.stringify({
      n, session: `damage-${session}`, base: name, description: damage.description,
      patch: [[at, removed, Buffer.from(put).toString('hex')]],
      sha256: createHash('sha256').update(now).digest('hex'), size: now.length, file,
    }))
    writes.push(`${file} ${now.length}`)
    all.push(now)
  }
  parser.close()
  writeFileSync(join(folder, 'rows'), `${rows.join('\n')}\n`)
  writeFileSync(join(folder, 'writes'), `${writes.join('\n')}\n`)
  writeFileSync(join(folder, 'bytes'), Buffer.concat(all))
  writeFileSync(join(folder, 'count'), String(Math.ceil(count / SESSION)))
}

const linesOf = (path: string): string[] => readFileSync(path, 'utf8').split('\n').filter((line) => line !== '')

const merge = (folder: string, answers: string): void => {
  const sessions = answersOf(linesOf(answers))
  const rows = linesOf(join(folder, 'rows'))
  for (const [i, row] of rows.entries()) {
    const answer = sessions.get(Math.floor(i / SESSION))?.[i % SESSION]
    // the machine did not come so far
    if (answer === undefined) continue
    const [errno, profiles = '', ...log] = answer.split('\t')
    const records = log.map((text) => text.replace(/ pid=\d+ /u, ' pid=@0 '))
    console.log(JSON.stringify({ ...JSON.parse(row) as object, errno, log: records, profiles_after: profiles }))
  }
}

const [command, ...args] = process.argv.slice(2)
if (command === 'generate' && args.length > 3) {
  const [seed, count, folder, ...features] = args
  generate(Number(seed), Number(count), folder!, features)
} else if (command === 'merge' && args.length === 2) merge(args[0]!, args[1]!)
else {
  process.stderr.write('usage: generate SEED COUNT FOLDER FEATURES… | merge FOLDER ANSWERS\n')
  process.exitCode = 2
}
