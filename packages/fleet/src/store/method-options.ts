/** Options of the methods of a store, checked by one table in every driver. */
import { aBoolean, aString, checkOptions, instanceOf, wholeNumber } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import { checkKey } from './keys.ts'
import type { GetOptions, LargeOptions, ListOptions, ReadOptions, WatchOptions } from './store.ts'

const signal = instanceOf(AbortSignal)
const getRules: OptionRules<GetOptions> = { least: wholeNumber(0), signal }
const listRules: OptionRules<ListOptions> = { prefix: aString, values: aBoolean, signal }
const watchRules: OptionRules<WatchOptions> = { signal }
/** The last moment that a date can be. */
const LAST = 8.64e15
const readRules: OptionRules<ReadOptions> = {
  after: wholeNumber(0), since: wholeNumber(0, LAST), key: aString, live: aBoolean, signal,
}
const largeRules: OptionRules<LargeOptions> = { signal, patience: wholeNumber(0) }

export const checkGet = (options: GetOptions): void => checkOptions(options, getRules, 'get')
export const checkWatch = (options: WatchOptions): void => checkOptions(options, watchRules, 'watch')
export const checkLarge = (options: LargeOptions): void => checkOptions(options, largeRules, 'getLarge')

export const checkList = (options: ListOptions): void => {
  checkOptions(options, listRules, 'list')
  if (options.prefix !== undefined) checkKey(options.prefix, 'prefix')
}

export const checkRead = (options: ReadOptions): void => {
  checkOptions(options, readRules, 'read')
  if (options.key !== undefined) checkKey(options.key)
}
