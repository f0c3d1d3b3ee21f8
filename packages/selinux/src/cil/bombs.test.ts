/** Policies that cost more than they look: they compile in steps that grow as their text does, or are refused. */
import { expect, test, vi } from 'vitest'
import { cilBomb, cilBombs } from '../testing/cil-bombs.ts'
import type { CilBomb } from '../testing/cil-bombs.ts'
import { compileCil } from './compile.ts'
import { CilError } from './errors.ts'
import { Sources } from './sources.ts'

/** Steps, or the code of the error. A refusal says where, and what to do about it. */
const compile = (shape: CilBomb, n: number): number | string => {
  try {
    return compileCil([{ name: 'bomb.cil', text: cilBomb(shape, n) }], { dialect: '3.10' }).steps
  } catch (error) {
    if (!(error instanceof CilError)) throw error
    if (error.code === 'too-deep') expect(error.place?.file).toBe('bomb.cil')
    if (error.message.includes('comes to') || error.message.includes('takes more')) {
      expect(error).toMatchObject({ place: { file: 'bomb.cil' }, hint: expect.stringContaining('rules') })
    }
    return error.code
  }
}

/** Those that take as many rules, or sets as large, as they have lines: their result is the square of their text. */
const squares: ReadonlySet<CilBomb> = new Set<CilBomb>([
  'attributes of all types', 'rules on written out attributes', 'rules that leave out the source',
  'transitions of attributes', 'name transitions of attributes', 'range transitions of attributes', 'denies',
  'all entries of a class map', 'defaults of a class map', 'roles of all types', 'constraints on attributes',
  'sensitivities beside many categories', 'contexts beside many categories', 'neverallows of attributes',
  'rules on attributes', 'rules on attributes of all',
])

const codes: Partial<Record<CilBomb, string>> = {
  'macros that call the next': 'too-deep', 'macros with an argument that call the next': 'too-deep',
  'macros that pass a string on': 'too-deep', 'blocks that inherit the next': 'too-deep',
  'types that bound the next': 'bounds', 'roles that bound the next': 'bounds', 'broken neverallows': 'neverallow',
  'sets of sets of permissions': 'too-many', 'orders that leave a choice': 'bad-order',
  'names that nearly fit': 'unresolved', 'blocks in blocks with long names': 'bad-name',
  'a word of one letter': 'bad-name', 'lists inside lists': 'too-deep', 'copies of copies': 'too-deep',
}

/** Long enough to fill a stack, if one is needed for each link. */
const LONG = 8000
const wide = new Set<CilBomb>(['attributes of all types', 'denies', 'rules on written out attributes',
  'rules that leave out the source', 'transitions of attributes', 'name transitions of attributes',
  'all entries of a class map', 'constraints on attributes', 'sensitivities beside many categories',
  'contexts beside many categories', 'blocks that inherit the next', 'roles of all types',
  'defaults of a class map', 'range transitions of attributes', 'copies of copies'])

test.each(cilBombs.filter((shape) => !wide.has(shape)))('%s end, or are refused', (shape) => {
  const answer = compile(shape, LONG)
  expect(typeof answer === 'string' ? answer : undefined).toBe(codes[shape])
})

test.each(cilBombs.filter((shape) => codes[shape] === undefined && !squares.has(shape)))(
  '%s take steps as the text does', (shape) => {
    const [few, many] = [compile(shape, 500), compile(shape, 2000)]
    expect(many).toBeLessThan(5 * (few as number) + 20_000)
  })

test.each([
  ['rules on written out attributes', 4000], ['rules that leave out the source', 4000],
  ['transitions of attributes', 4000], ['name transitions of attributes', 4000],
  ['range transitions of attributes', 4000], ['all entries of a class map', 8000], ['attributes of all types', 50_000],
] as const)('%s are refused before they fill the heap', (shape, n) => {
  expect(compile(shape, n)).toBe('too-many')
})

test('places on one long line read no more than they show', () => {
  const text = cilBomb('many optionals on one line', 3000)
  const decode = vi.spyOn(TextDecoder.prototype, 'decode')
  const { warnings } = compileCil([{ name: 'bomb.cil', text }])
  const read = decode.mock.calls.reduce((sum, [bytes]) => sum + (bytes?.byteLength ?? 0), 0)
  decode.mockRestore()
  expect(warnings).toHaveLength(3000)
  expect(read).toBeLessThan(3000 * 1000)
})

test('a line is quoted up to what is shown, with what it was made of', () => {
  const line = `(type ${'é'.repeat(300)})`
  const place = new Sources([{ name: 'long.cil', text: `;;* lmx 7 long.te\n${line}\n;;* lme` }]).placeOf(20)
  expect(place).toEqual({ file: 'long.cil', line: 2, column: 3, excerpt: line.slice(0, 200),
    origin: { file: 'long.te', line: 7 } })
})
