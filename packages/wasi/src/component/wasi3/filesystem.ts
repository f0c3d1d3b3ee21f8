/** `wasi:filesystem` of WASI 0.3: the functions of 0.2, with streams and futures in the place of its streams. */
import { EBADF, FMODE_READ, FMODE_WRITE } from '@lsmkit/abi'
import { ComponentStream } from '../async/streams.ts'
import { Listing, Opened, TYPE_NAMES } from '../host/descriptors.ts'
import { FileInput, FileOutput, fileOf } from '../host/file-streams.ts'
import { fileErrorName } from '../file-errors.ts'
import type { ComponentValue } from '../scalars.ts'
import type { ValueType } from '../value-types.ts'
import { sameMethods, spelled } from './member.ts'
import type { Functions } from './member.ts'
import { namedCase } from './spelling.ts'
import { errorResult, fieldTypes, inputStream, outputStream, passedBy } from './streams.ts'
import type { Host3 } from './streams.ts'

const TYPES = 'wasi:filesystem/types'

/** They are as they are in WASI 0.2. */
const SAME = [
  'advise', 'sync-data', 'get-flags', 'get-type', 'set-size', 'set-times', 'sync', 'create-directory-at', 'stat',
  'stat-at', 'set-times-at', 'link-at', 'open-at', 'readlink-at', 'remove-directory-at', 'rename-at', 'symlink-at',
  'unlink-file-at', 'is-same-object', 'metadata-hash', 'metadata-hash-at',
]

/** A descriptor of a stream's own, which outlives that of the component; -errno where it is not open for the stream. */
const ownOf = ({ process }: Host3, of: Opened, mode: number): Opened | number => {
  if (((fileOf(process, of)?.f_mode ?? 0) & mode) === 0) return -EBADF
  const fd = process.sys.dup(process.task, of.fd)
  return fd < 0 ? fd : new Opened(process, fd)
}

const place = (offset: ComponentValue | undefined): number => Number(BigInt.asIntN(64, offset as bigint))

/** Entries that are given at once at most. */
const MOST_ENTRIES = 64

/** An entry of a listing as a value of the type that the component has declared. */
const entryOf = (type: ValueType | null, { name, type: kind }: { name: string; type: number }): ComponentValue => {
  const [of] = fieldTypes(type)
  return { type: of !== undefined && 'cases' in of ? namedCase(of, TYPE_NAMES[kind]!) : null, name }
}

/** `tuple<stream<directory-entry>, future<result<_, error-code>>>`. */
const listing = (host: Host3, self: Opened, result: ValueType | null): readonly ComponentStream[] => {
  const { process } = host
  const [entries, end] = fieldTypes(result).map(passedBy) as [ValueType | null, ValueType | null]
  const stream = new ComponentStream('stream', entries, null)
  const future = new ComponentStream('future', end, null)
  const list = Listing.of(process, self)
  const finish = (rc: number): void => {
    stream.onDrop = null
    stream.drop()
    if (typeof list !== 'number') list.drop()
    future.give([rc < 0 ? errorResult(end, fileErrorName(rc)) : { ok: null }])
  }
  if (typeof list === 'number') {
    finish(list)
    return [stream, future]
  }
  stream.onDrop = () => finish(0)
  stream.onReader = () => {
    const wanted = Math.min(MOST_ENTRIES, Math.max(1, stream.waiting?.buffer.left ?? 1))
    const some: ComponentValue[] = []
    for (let left = wanted; left > 0; left--) {
      const entry = list.next()
      if (typeof entry !== 'number') some.push(entryOf(entries, entry))
      else if (some.length > 0) break
      else return finish(entry)
      process.looksAgain()
    }
    stream.give(some)
  }
  return [stream, future]
}

const writing = (
  host: Host3, self: Opened, data: ComponentStream, result: ValueType | null, at: number | 'end',
): ComponentStream => {
  const own = ownOf(host, self, FMODE_WRITE)
  if (typeof own === 'number') return outputStream(host, data, result, { to: own })
  return outputStream(host, data, result, {
    to: new FileOutput(own, at),
    over: (rc) => {
      own.drop()
      return rc
    },
  })
}

export const filesystem: Functions = (host) => ({
  ...sameMethods(host, TYPES, 'descriptor', SAME),
  '[method]descriptor.read-via-stream': {
    call: ([self, offset], { result }) => {
      const own = ownOf(host, self as never, FMODE_READ)
      if (typeof own === 'number') return inputStream(host, fieldTypes(result), { from: own })
      return inputStream(host, fieldTypes(result), {
        from: new FileInput(own, place(offset)), over: () => own.drop(),
      })
    },
  },
  '[method]descriptor.write-via-stream': {
    call: ([self, data, offset], { result }) => writing(host, self as never, data as never, result, place(offset)),
  },
  '[method]descriptor.append-via-stream': {
    call: ([self, data], { result }) => writing(host, self as never, data as never, result, 'end'),
  },
  '[method]descriptor.read-directory': {
    call: ([self], { result }) => listing(host, self as never, result),
  },
})

export const preopens: Functions = (host) => ({
  'get-directories': spelled(host, 'wasi:filesystem/preopens', 'get-directories'),
})
