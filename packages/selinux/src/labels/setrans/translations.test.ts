import { describe, expect, test } from 'vitest'
import { categoryChanges, changedLevel, changedRange, LabelsError, Translations } from '../index.ts'

const conf = `
s0=Low
s0-s0:c0.c15=Low-High   # both ends
s0:c0.c15=High
Base=levels
s1=Plain
s2=Secret
s2=S
s3=Very Secret
ModifierGroup=places
Whitespace=/
Join=/
Prefix=For
c1=Red
c2.c4=Green
ModifierGroup=rest
Default=c8,c9
~c8=Not Eight
c6=Six
s3!c6
c1>c2
`
const names = new Translations(conf)

describe('levels have the names that mcstransd gives them', () => {
  test.each([
    ['s0', 'Low'], ['s0-s0:c0.c15', 'Low-High'], ['s2', 'Secret'], ['s1:c7', 's1:c7'], ['s9', 's9'],
    ['s2:c2.c4', 'Secret For Green'], ['s2:c6', 'Secret Six'], ['s1:c2.c4-s2', 'Plain For Green-Secret'],
    ['s3:c6', 's3:c6'], ['s1:c1', 's1:c1'], ['nonsense', 'nonsense'], ['', ''],
  ])('%s: %s', (raw, text) => {
    expect(names.translate(raw)).toBe(text)
    if (raw !== text) expect(names.untranslate(text)).toBe(raw)
  })

  test.each([
    ['S', 's2'], ['Secret', 's2'], ['Very Secret Six', 'Very Secret Six'], ['Secret Nothing', 'Secret Nothing'],
    ['Secret For Red/Green', 's2:c1.c4'], ['Secret For red', 's2'],
  ])('%s stands for %s', (text, raw) => expect(names.untranslate(text)).toBe(raw))

  test('contexts keep all but their range', () => {
    expect(names.translateContext('u:r:t:s0:c0.c15')).toBe('u:r:t:High')
    expect(names.untranslateContext('u:r:t:Low-High')).toBe('u:r:t:s0-s0:c0.c15')
    expect(names.translateContext('u:r:t')).toBe('u:r:t')
  })
})

test.each([
  ['nothing', 'bad-line'], ['=a', 'bad-line'], ['s0=', 'bad-line'], ['Join=/', 'bad-line'],
  ['Base=b\nx1=Top', 'bad-line'], ['ModifierGroup=g\nc1=a-b', 'bad-line'], ['ModifierGroup=g\nx=a', 'bad-line'],
  ['c1!x', 'bad-line'],
])('`%s` is refused', (text, code) => {
  expect(() => new Translations(text)).toThrow(expect.objectContaining({ code }))
})

test('included files count, and may not include themselves', () => {
  const include = (pattern: string) => [{ name: pattern, text: pattern === 'self' ? 'Include=self' : 's5=Five' }]
  expect(new Translations('Include=five', { include }).translate('s5')).toBe('Five')
  expect(() => new Translations('Include=self', { include })).toThrow(LabelsError)
})

test('a text made to be expensive takes no time', () => {
  const hostile = new Translations('Base=b\ns1=A\nModifierGroup=g\nSuffix=Z\nWhitespace= ,\nc1=a a\nc2=a\nc3=a a a')
  expect(hostile.untranslate(`A ${'a '.repeat(4000)}!`)).toContain('!')
})

describe('categories change as chcat changes them', () => {
  test.each([
    ['s0:c1', '+c2', 's0:c1,c2'], ['s0:c1.c3', '-c2', 's0:c1,c3'], ['s0', '+c5,+c1', 's0:c1,c5'],
    ['s0:c1', 'c7,c8', 's0:c7,c8'], ['s0:c1', '-c1', 's0'], ['s0:c1', '+c1', 's0:c1'],
  ])('of a file: %s %s %s', (level, change, to) => expect(changedLevel(level, categoryChanges(change))).toBe(to))

  test.each([
    ['s0-s0:c1', '+c2', 's0-s0:c1,c2'], ['s0', '+c2', 's0-s0:c2'], ['s0-s0:c1', '-c1', 's0-s0'],
    ['s0-s0:c1', 'c9', 's0-s0:c9'],
  ])('of a login: %s %s %s', (range, change, to) => expect(changedRange(range, categoryChanges(change))).toBe(to))

  test('names count, mixed signs and other sensitivities do not', () => {
    expect(categoryChanges('+Red', () => 's0:c4')).toEqual([{ action: 'add', levels: ['s0:c4'] }])
    expect(() => categoryChanges('+c1,c2')).toThrow('mixes')
    expect(() => categoryChanges('')).toThrow('no category')
    expect(() => changedLevel('s1:c1', categoryChanges('+c2'))).toThrow('sensitivity')
    expect(() => changedLevel('s1', categoryChanges('s1:c1,s2'))).toThrow('several')
  })
})
