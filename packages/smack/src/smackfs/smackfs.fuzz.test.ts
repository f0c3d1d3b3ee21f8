/** Writes of any bytes: an errno the kernel knows or a count, and after an errno everything is as it was before. */
import { EBUSY, EFBIG, EINVAL, ENOMEM, EOVERFLOW, ERANGE, errnoName, PF_KTHREAD } from '@lsmkit/abi'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CHANGE_FIELDS, SET_FIELDS } from '../parse/long-rule.ts'
import { writeLongRules } from '../parse/rule-write.ts'
import { Policy } from '../policy.ts'
import { rulesText } from '../rule-text.ts'
import { Machine, bytes, latin1 } from '../testing/machine.ts'

const errnos = new Set([EBUSY, EFBIG, EINVAL, ENOMEM, EOVERFLOW, ERANGE].map((errno) => -errno))

/** Noise, and lines that are nearly right. */
const piece = fc.constantFrom(
  'A',
  'B',
  '_',
  '^',
  '*',
  '@',
  '?',
  '-',
  '-CIPSO',
  '-DELETE',
  'a/b',
  '"',
  '\\',
  'x'.repeat(23),
  'x'.repeat(24),
  'x'.repeat(255),
  'x'.repeat(256),
  'rwxatlb',
  'r',
  '-',
  'z',
  ' ',
  '  ',
  '\n',
  '\t',
  '\0',
  '\u00a0',
  '\u00ff',
  '0',
  '1',
  '250',
  '255',
  '256',
  '-1',
  '4294967295',
  '4294967296',
  '99999999999999999999',
  '10.0.0.0/8',
  '1.2.3.4',
  '0.0.0.0/0',
  '/33',
  '1:2:3:4:5:6:7:8',
  '::1',
  '/64',
  'A                       B                       rwxa',
  'A 1   1   5   ',
  `${'A'.padEnd(24)}1   0   `,
)
const text = fc.oneof(
  fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(' ')),
  fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join('')),
  fc.uint8Array({ maxLength: 300 }).map(latin1),
  fc
    .tuple(piece, fc.integer({ min: 4000, max: 4200 }))
    .map(([tail, length]) => `${'A B r\n'.repeat(700).slice(0, length)}${tail}`),
)

/** Less than a page: nothing is cut. */
const shortText = text.filter(({ length }) => length < 4095)

const files = new Machine().stack.pseudoFs
  .find(({ type }) => type === 'smackfs')!
  .files()
  .map(({ name }) => name)
const rulesWritten = new Set(['load2', 'load-self2', 'change-rule'])

/** All there is to read, of labels that were there before. */
const snapshot = (m: Machine, known: ReadonlySet<string>): string =>
  files
    .map((name) => {
      const contents = String(m.read(name))
      if (!name.startsWith('cipso')) return `${name}: ${contents}`
      return `${name}: ${contents
        .split('\n')
        .filter((line) => known.has(line.split(' ')[0]!))
        .join('\n')}`
    })
    .join('\n')

const knownLabels = (m: Machine): Set<string> =>
  new Set([...m.policy.labels.newestFirst()].map((label) => m.policy.labels.text(label)))

/** A system in use. A kernel thread writes, as an onlycap list would soon lock everybody else out. */
const inUse = (): Machine => {
  const m = new Machine().rules('A B rwx;B A r;_ A w')
  m.idle.flags |= PF_KTHREAD
  m.write('netlabel', '10.0.0.0/8 A')
  m.write('cipso2', 'A 1   1   5   ')
  m.write('onlycap', '_ A')
  m.write('load-self2', '_ A r')
  return m
}

describe.each(files)('%s', (name) => {
  test('any write', () => {
    const m = inUse()
    fc.assert(
      fc.property(text, (data) => {
        const known = knownLabels(m)
        const before = snapshot(m, known)
        const rc = m.write(name, data)
        const isAnswer = rc >= 0 ? rc <= data.length : errnos.has(rc)
        const isAsBefore = rc >= 0 || rulesWritten.has(name) || snapshot(m, known) === before
        expect({ rc: errnoName(rc), isAnswer, isAsBefore }).toMatchObject({ isAnswer: true, isAsBefore: true })
      }),
      { numRuns: 100 },
    )
  })
})

/** The kernel's own rule of partial writes: each rule in front of the mistake is in force, and nothing else. */
test.each([SET_FIELDS, CHANGE_FIELDS])(
  'rules of %i fields: a write that fails is the whole rules in front of the mistake',
  (fields) => {
    fc.assert(
      fc.property(shortText, (data) => {
        const whole = new Policy()
        writeLongRules(whole.labels, whole.rules, data, fields)
        const stepwise = new Policy()
        const tokens = latin1(bytes(data))
          .split('\0')[0]!
          .split(/[\t-\r \u00a0]+/)
          .filter((token) => token !== '')
        for (let at = 0; at + fields <= tokens.length; at += fields) {
          const rule = tokens.slice(at, at + fields).join(' ')
          if (writeLongRules(stepwise.labels, stepwise.rules, rule, fields) < 0) break
        }
        expect(rulesText(whole, 256)).toBe(rulesText(stepwise, 256))
      }),
      { numRuns: 500 },
    )
  },
)

test('a label list that is refused leaves the list, whatever it was', () => {
  fc.assert(
    fc.property(text, text, (first, second) => {
      const m = inUse()
      m.write('onlycap', first)
      const before = m.read('onlycap')
      const rc = m.write('onlycap', second)
      const isAsBefore = m.read('onlycap') === before
      expect(rc < 0 ? isAsBefore : rc === second.length).toBe(true)
    }),
    { numRuns: 300 },
  )
})
