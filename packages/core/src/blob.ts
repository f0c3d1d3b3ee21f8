/**
 * State on objects: `defineBlob` gives an accessor, a stack gives it a place and makes the state with the object.
 *
 * An accessor is a constant of some module and reads its place through a key whose prototype is replaced when that is
 * known (the mechanism of dispatch): V8 folds the read, as if `object.security.s3` stood there, or for an LSM that is
 * alone on a kind of object `object.security`.
 */
import { ComposeError, DefineError } from './errors.ts'
import { checkOptions, wholeNumber } from './option-rules.ts'
import type { OptionRules } from './option-rules.ts'
import type { Secured } from './objects/secured.ts'
import type { Initialiser } from './blobs/security.ts'

export interface BlobOptions {
  /** Bytes the kernel's counterpart would take: the layout in `explain()` and the order table count them. */
  readonly size?: number
}

const rules: OptionRules<BlobOptions> = { size: wholeNumber(1) }

/** Reads one LSM's state on an object: `tracer(child).allowed`. Only objects that a stack has allocated have any. */
export interface BlobAccessor<O extends Secured = never, S = unknown> {
  (object: O): S
  readonly size: number
}

/** The record of an accessor, beside the function itself. */
export interface BlobRecord {
  readonly number: number
  readonly init: Initialiser
  readonly key: BlobKey
  /** The slot it has wherever it can have it, or ALONE; -1 before the first stack. */
  home: number
  moved: boolean
}

interface BlobKey {
  read(object: Secured): unknown
}

const records = new WeakMap<BlobAccessor, BlobRecord>()
let count = 0

/** Reads the property through a site that is warm (64 times, below): V8 then keeps the prototype in its fast form. */
const touch = (key: BlobKey): unknown => key.read
const answer = (read: (object: Secured) => unknown): BlobKey => {
  const proto = Object.assign(Object.create(null) as object, { read })
  touch(Object.create(proto) as BlobKey)
  return proto
}
for (let i = 0; i < 64; i++) answer(() => null)
const unbound = answer(() => {
  throw new ComposeError('blob-unbound', 'this state belongs to an LSM that is enabled in no stack', {
    hint: 'put the accessor into `blobs` of the LSM that reads it',
  })
})
/** From now on the accessor reads with `read`, which must be fresh. */
export const publishReader = ({ key }: BlobRecord, read: (object: Secured) => unknown): void => {
  Object.setPrototypeOf(key, answer(read))
  touch(key)
}

/** `init` makes the state of a fresh object. Throws OptionError when `size` is not a positive number of bytes. */
export const defineBlob = <O extends Secured, S>(
  init: (object: O) => S,
  options: BlobOptions = {},
): BlobAccessor<O, S> => {
  if (typeof init !== 'function') throw new DefineError('bad-blob',
    'the first argument of `defineBlob` is not a function')
  checkOptions(options, rules, 'defineBlob')
  const { size = 8 } = options
  const key = Object.create(unbound) as BlobKey
  touch(key)
  const accessor = Object.assign((object: O) => key.read(object) as S, { size })
  records.set(accessor, { number: count++, init, key, home: -1, moved: false })
  return accessor
}

export const isBlob = (value: unknown): value is BlobAccessor =>
  typeof value === 'function' && records.has(value as BlobAccessor)

export const recordOf = (accessor: BlobAccessor): BlobRecord => records.get(accessor)!
