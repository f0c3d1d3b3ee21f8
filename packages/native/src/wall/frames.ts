/** Messages over a stream: a length, and a value as JSON if that can say it, else as V8 serializes it. */
import { DefaultSerializer, deserialize } from 'node:v8'

const HEAD = 4
const NO_LENGTH = new Uint8Array(HEAD)
const EMPTY = Buffer.alloc(0)

/** The first byte of a body of JSON. Bodies that V8 has serialized begin with 0xff. */
const BRACE = 0x7b
/** Levels of a message that are looked through: one that contains itself has no end. */
const DEEPEST = 12

const isPlainObject = (value: object): value is Readonly<Record<string, unknown>> =>
  Object.getPrototypeOf(value) === Object.prototype && !('toJSON' in value)

const areAllPlain = (values: readonly unknown[], level: number): boolean => {
  // `every` would step over holes
  for (const value of values) if (!isPlain(value, level)) return false
  return true
}

/** Whether JSON brings the value back as it is. It takes half the time of V8's serializer. */
const isPlain = (value: unknown, level = 0): boolean => {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return true
  if (typeof value === 'number') return Number.isFinite(value) && !Object.is(value, -0)
  if (typeof value !== 'object' || level === DEEPEST) return false
  if (Array.isArray(value)) return areAllPlain(value, level + 1)
  return isPlainObject(value) && areAllPlain(Object.values(value), level + 1)
}

const jsonFrame = (message: unknown): Buffer => {
  const text = JSON.stringify(message)
  const frame = Buffer.allocUnsafe(HEAD + Buffer.byteLength(text))
  frame.write(text, HEAD)
  frame.writeUInt32LE(frame.length - HEAD)
  return frame
}

const serializedFrame = (message: unknown): Buffer => {
  const serializer = new DefaultSerializer()
  // the length takes their place
  serializer.writeRawBytes(NO_LENGTH)
  serializer.writeHeader()
  serializer.writeValue(message)
  const frame = serializer.releaseBuffer()
  frame.writeUInt32LE(frame.length - HEAD)
  return frame
}

/** Only an object goes as JSON. */
export const frameOf = (message: unknown): Buffer =>
  (typeof message === 'object' && message !== null && !Array.isArray(message) && isPlain(message)
    ? jsonFrame(message) : serializedFrame(message))

/** Messages of one turn of the event loop, written at once: a call of the system costs more than a message. */
export class FrameWriter {
  readonly #write: (frames: Buffer) => void
  #waiting: Buffer[] = []

  constructor(write: (frames: Buffer) => void) {
    this.#write = write
  }

  send(message: unknown): void {
    if (this.#waiting.push(frameOf(message)) === 1) process.nextTick(() => this.#flush())
  }

  #flush(): void {
    const frames = this.#waiting
    this.#waiting = []
    this.#write(frames.length === 1 ? frames[0]! : Buffer.concat(frames))
  }
}

const messageOf = (body: Buffer): unknown =>
  (body[0] === BRACE ? JSON.parse(body.toString()) : deserialize(body)) as unknown

/** A body that is larger gets its memory as it comes: a length alone takes none. */
const AT_ONCE = 2 ** 20

/** The parts of a stream as whole messages. */
export class FrameReader {
  readonly #take: (message: unknown) => void
  readonly #head = Buffer.alloc(HEAD)
  #body = EMPTY
  /** Bytes of the body; -1 while the head is not whole. */
  #size = -1
  /** Bytes that are there of the head, or of the body. */
  #filled = 0

  constructor(take: (message: unknown) => void) {
    this.#take = take
  }

  /**
   * Takes the next bytes, which the caller may use again, and hands on each message that is whole with them. Throws
   * for bytes that are neither JSON nor of V8's serializer.
   */
  read(bytes: Buffer): void {
    for (let at = 0; at < bytes.length;) at += this.#size < 0 ? this.#readHead(bytes, at) : this.#readBody(bytes, at)
  }

  #readHead(bytes: Buffer, at: number): number {
    const taken = bytes.copy(this.#head, this.#filled, at)
    this.#filled += taken
    if (this.#filled === HEAD) {
      this.#size = this.#head.readUInt32LE()
      // arrays of the message are views of it
      this.#body = Buffer.allocUnsafeSlow(Math.min(this.#size, AT_ONCE))
      this.#filled = 0
    }
    return taken
  }

  #readBody(bytes: Buffer, at: number): number {
    if (this.#filled === this.#body.length && this.#filled < this.#size) this.#grow()
    const taken = bytes.copy(this.#body, this.#filled, at)
    this.#filled += taken
    if (this.#filled === this.#size) {
      const body = this.#body
      this.#body = EMPTY
      this.#size = -1
      this.#filled = 0
      this.#take(messageOf(body))
    }
    return taken
  }

  #grow(): void {
    const larger = Buffer.allocUnsafeSlow(Math.min(this.#size, this.#filled * 4))
    this.#body.copy(larger)
    this.#body = larger
  }
}
