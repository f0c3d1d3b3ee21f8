/** A log of writes, questions and reads on smackfs from boot on, replayed on the declared files. */
import { errnoName } from '@lsmkit/abi'
import { capability } from '@lsmkit/capability'
import { createStack } from '@lsmkit/core'
import type { Profile, PseudoFile, PseudoIo } from '@lsmkit/core'
import { smack } from '@lsmkit/smack'
import { credHost } from '../cred-host.ts'
import { profileOf } from '../profile.ts'
import { played } from '../suite.ts'
import type { Row, Suite } from '../suite.ts'
import { parseTable } from '../tsv.ts'
import { leftOut } from './smack-left-out.ts'

const columns = ['n', 'op', 'file', 'payload', 'result']

/** `%HH` stands for a byte; all other characters are themselves. */
const bytesOf = (payload: string): Uint8Array =>
  Buffer.from(payload.replace(/%([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))), 'latin1')

/** What the log shows of a read: newlines as `|`, without the NUL behind a value. */
const shown = (text: string | Uint8Array): string =>
  (typeof text === 'string' ? text : Buffer.from(text).toString('latin1')).replace(/\0$/, '').replaceAll('\n', '|')

/** The idle task runs with every capability and the floor label, as the recorder did. */
const boot = (profile: Profile): ((name: string) => PseudoFile) => {
  const stack = createStack({ lsms: [capability(), smack()], audit: { denials: false }, profile })
  stack.host = credHost(stack)
  const files = stack.pseudoFs.find(({ type }) => type === 'smackfs')!.files()
  return (name) => files.find((declared) => declared.name === name)!
}

/** One descriptor from open to close. */
const open = (file: PseudoFile) => {
  const io: PseudoIo = { file: null as never, pos: 0, answer: null, state: null }
  file.open?.(io)
  return {
    write: (data: Uint8Array) => file.write?.(io, data) ?? -Infinity,
    read: () => file.read?.(io) ?? -Infinity,
  }
}

const writeResult = (rc: number, length: number): string => {
  if (rc < 0) return errnoName(rc)
  return rc === length ? 'OK' : `OK(${rc})`
}

const answer = (file: PseudoFile, op: string, payload: string): string => {
  const descriptor = open(file)
  const data = bytesOf(payload)
  if (op === 'W') return writeResult(descriptor.write(data), data.length)
  if (op === 'T') {
    const rc = descriptor.write(data)
    if (rc < 0) return `w:${errnoName(rc)}`
  }
  const text = descriptor.read()
  return typeof text === 'number' ? `r:${errnoName(text)}` : `=${shown(text)}`
}

export const smackTranscript: Suite = {
  options: ['kernel'],
  *run(inputs, options): Generator<Row> {
    const profile = profileOf(options)
    for (const { text, path } of inputs) {
      const file = boot(profile)
      let before = 0
      for (const row of parseTable(text, path, columns)) {
        const { n = '', op = '', file: name = '', payload = '', result: expected = '' } = row
        for (const { first, last, rules } of leftOut) {
          if (before < first && Number(n) > last) for (const rule of rules) answer(file('load2'), 'W', rule)
        }
        before = Number(n)
        yield { id: `${n} ${op} ${name}`, got: played(() => answer(file(name), op, payload)), expected }
      }
    }
  },
}
