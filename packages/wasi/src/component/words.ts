/** Values as the core words that a function takes and gives. */
import { flagWords } from './layout.ts'
import { isHandle, liftHandle, lowerHandle } from './passing-handles.ts'
import { caseValue, chosen, flagBits, flagNames, narrowed, ofWord, toWord, widened } from './scalars.ts'
import type { ComponentValue, Word } from './scalars.ts'
import { placeText, readText } from './strings.ts'
import type { Transfer } from './transfer.ts'
import type { ValueType } from './value-types.ts'
import { fieldOf, fieldsOf, fixedItems, load, loadList, placeList, store, textOf } from './values.ts'

/** More words than these go through memory: of what a function takes, and of what it gives. */
const MOST_TAKEN = 16
const MOST_GIVEN = 1

/** Words that are taken one after the other. */
export class Words {
  readonly #words: readonly Word[]
  #at = 0

  constructor(words: readonly Word[]) {
    this.#words = words
  }

  next(): Word {
    return this.#words[this.#at++] ?? 0
  }

  number(): number {
    return Number(this.next()) >>> 0
  }
}

const liftWords = (transfer: Transfer, type: ValueType, words: Words): ComponentValue => {
  const { callee } = transfer
  if (isHandle(type)) return liftHandle(transfer, type, words.number())
  switch (type.kind) {
    case 'number': return ofWord(callee, type.name, words.next())
    case 'string': return readText(transfer, words.number(), words.number())
    case 'list': return loadList(transfer, type.of, words.number(), words.number())
    case 'fixed list': {
      const items = Array.from({ length: type.length }, () => liftWords(transfer, type.of, words))
      return type.of.kind === 'number' && type.of.name === 'u8' ? Uint8Array.from(items as number[]) : items
    }
    case 'record': case 'tuple': return fieldsOf(type, (field) => liftWords(transfer, field, words))
    case 'flags':
      return flagNames(type.names, Array.from({ length: flagWords(type.names.length) }, () => words.number()))
    default: {
      const index = words.number()
      const [, ...joined] = type.flat
      const carried = joined.map(() => words.next())
      const of = type.cases[index]?.[1]
      if (of === undefined) return callee.trap('a case that is not one of the variant')
      if (of === null) return caseValue(type, index, null)
      const own = new Words(of.flat.map((to, i) => narrowed(carried[i]!, joined[i]!, to)))
      return caseValue(type, index, liftWords(transfer, of, own))
    }
  }
}

const lowerWords = (transfer: Transfer, type: ValueType, value: ComponentValue): Word[] => {
  if (isHandle(type)) return [lowerHandle(transfer, type, value)]
  switch (type.kind) {
    case 'number': return [toWord(type.name, value)]
    case 'string': return [...placeText(transfer, textOf(value))]
    case 'list': return [...placeList(transfer, type.of, value)]
    case 'fixed list':
      return Array.from<ComponentValue>(fixedItems(type, value)).flatMap((item) => lowerWords(transfer, type.of, item))
    case 'record': case 'tuple':
      return type.fields.flatMap(([name, field]) => lowerWords(transfer, field, fieldOf(value, name, type.kind)))
    case 'flags': return flagBits(type.names, value, flagWords(type.names.length))
    default: {
      const [index, carried] = chosen(type, value)
      const of = type.cases[index]![1]
      const [, ...joined] = type.flat
      const words = of === null ? [] : lowerWords(transfer, of, carried)
      return [index, ...joined.map((to, i) =>
        (of !== null && i < words.length ? widened(words[i]!, of.flat[i]!, to) : to === 'i64' ? 0n : 0))]
    }
  }
}

/** The arguments that a component passes. */
export const liftParams = (
  transfer: Transfer, params: readonly ValueType[], tuple: ValueType, words: Words, most = MOST_TAKEN,
): readonly ComponentValue[] =>
  (tuple.flat.length > most
    ? load(transfer, tuple, words.number()) as readonly ComponentValue[]
    : params.map((type) => liftWords(transfer, type, words)))

/** Arguments for a component. Throws `bad-value` for those that are not of their types. */
export const lowerParams = (
  transfer: Transfer, params: readonly ValueType[], tuple: ValueType, args: readonly ComponentValue[],
): Word[] => {
  if (tuple.flat.length <= MOST_TAKEN) return params.flatMap((type, i) => lowerWords(transfer, type, args[i]!))
  const at = transfer.callee.allocate(tuple.size, tuple.align)
  store(transfer, tuple, args, at)
  return [at]
}

/** The value that a core function has answered. */
export const liftResult = (transfer: Transfer, type: ValueType, answer: Word): ComponentValue =>
  (type.flat.length > MOST_GIVEN
    ? load(transfer, type, Number(answer))
    : liftWords(transfer, type, new Words([answer])))

/** The answer of a function that a component has called; one of several words goes to where its last word points. */
export const lowerResult = (
  transfer: Transfer, type: ValueType, value: ComponentValue, words: Words,
): Word | undefined => {
  if (type.flat.length <= MOST_GIVEN) return lowerWords(transfer, type, value)[0]
  store(transfer, type, value, words.number())
  return undefined
}
