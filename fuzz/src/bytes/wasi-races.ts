/** The same through the imports of a program that has threads: names, structs and lists in a memory that changes. */
import { AF_INET, AF_UNIX, AT_FDCWD, O_RDONLY, SOCK_STREAM } from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import { sockaddrIn, sockaddrUn } from '@lsmkit/kernel'
import { guestOn, posixImports, wasmedgeImports } from '@lsmkit/wasi/fuzz'
import { LIVE_AT } from './flips.ts'
import { ALLOWED_PORT, REFUSED_ADDRESS } from './guarded-world.ts'
import type { GuardedWorld } from './guarded-world.ts'
import type { Race, Texts } from './races.ts'

type Imports = Readonly<Record<string, (...words: number[]) => unknown>>

const encode = (text: string): Uint8Array => new TextEncoder().encode(text)
const words = (...values: number[]): Uint8Array => new Uint8Array(Uint32Array.from(values).buffer)
const wrong = (is: boolean, what: string): string | null => (is ? what : null)
const AGAIN = 6
/** Where nothing is. */
const NOWHERE = 0xfffffff0

/** A program without code: its imports, and texts in its memory. */
const programOn = (world: GuardedWorld, memory: WebAssembly.Memory) => {
  const { sys } = world
  const guest = guestOn(world, { memory, host: { sleep() {} } })
  const posix = { begin: (task: Task) => void sys.exit_group(task, 0) }
  const process = Object.assign(guest.process, { posix })
  const preview1 = guest.wasi as unknown as Imports
  const calls: Imports = { ...preview1, ...posixImports(process), ...wasmedgeImports(process) }
  return { ...guest, calls, text: (text: string) => guest.put(`${text}\0`)[0] }
}

/** Opens a socket, lets `name` name it, and looks at what name it has. */
const names = (family: number, texts: Texts, isRefused: (name: Uint8Array) => boolean, peer: boolean,
  name: (calls: Imports, fd: number, length: number) => void) =>
  (world: GuardedWorld, memory: WebAssembly.Memory): Race => {
    const { sys } = world
    const { task, calls } = programOn(world, memory)
    if (peer) world.unguarded(() => texts.forEach((text) => {
      const address = text.length === 4 ? sockaddrIn([...text].join('.'), ALLOWED_PORT) : text
      const fd = sys.socket(world.init, family, SOCK_STREAM, 0)
      sys.bind(world.init, fd, address, address.length)
      sys.listen(world.init, fd, 4096)
    }))
    return {
      texts,
      once(live) {
        const fd = sys.socket(task, family, SOCK_STREAM, 0)
        name(calls, fd, live.length)
        const found = new Uint8Array(110)
        sys[peer ? 'getpeername' : 'getsockname'](task, fd, found, { value: found.length })
        sys.close(task, fd)
        for (const path of ['/tmp/s.', '/tmp/s!']) if (!peer) sys.unlink(task, path)
        return wrong(isRefused(found), 'a socket has a name that is refused')
      },
    }
  }

const hasRefusedAddress = (name: Uint8Array): boolean => name.subarray(4, 8).join('.') === REFUSED_ADDRESS
const ADDRESSES: Texts = [Uint8Array.of(127, 0, 0, 1), Uint8Array.of(...REFUSED_ADDRESS.split('.').map(Number))]
const INET: Texts = [sockaddrIn('127.0.0.1', ALLOWED_PORT), sockaddrIn(REFUSED_ADDRESS, ALLOWED_PORT)]
const UNIX: Texts = [sockaddrUn('/tmp/s.'), sockaddrUn('/tmp/s!')]

/** WasmEdge's address: where it lies and how long it is, which stays as it is. */
const atAddress = (call: 'sock_bind' | 'sock_connect') =>
  (world: GuardedWorld, memory: WebAssembly.Memory): Race => {
    const place = 0x4000
    const view = new DataView(memory.buffer)
    view.setUint32(place, LIVE_AT, true)
    view.setUint32(place + 4, 4, true)
    return names(AF_INET, ADDRESSES, hasRefusedAddress, call === 'sock_connect', (calls, fd) =>
      void calls[call]!(fd, place, ALLOWED_PORT))(world, memory)
  }

const mkdir = (world: GuardedWorld, memory: WebAssembly.Memory): Race => {
  const { sys, init } = world
  const { calls } = programOn(world, memory)
  return {
    texts: [encode('tmp/dir.'), encode('tmp/dir!')],
    once(live) {
      calls.path_create_directory!(3, LIVE_AT, live.length)
      const made = sys.openat(init, AT_FDCWD, '/tmp/dir!', O_RDONLY, 0)
      sys.rmdir(init, '/tmp/dir.')
      return wrong(made >= 0, 'a directory has a name that is refused')
    },
  }
}

const xattr = (world: GuardedWorld, memory: WebAssembly.Memory): Race => {
  const { sys, init } = world
  const { calls, text } = programOn(world, memory)
  const [path, name] = [text('/tmp/file'), text('user.y')]
  return {
    texts: [encode('value.'), encode('value!')],
    once(live) {
      calls.setxattr!(path, name, LIVE_AT, live.length, 0)
      const value = new Uint8Array(64)
      const n = sys.getxattr(init, '/tmp/file', 'user.y', value)
      return wrong(n > 0 && value.subarray(0, n).includes(0x21), 'setxattr stored what is refused')
    },
  }
}

/** A struct or list that is now right, now leads nowhere: an errno, and nothing is thrown. */
const struct = (texts: (program: ReturnType<typeof programOn>) => Texts, call: (calls: Imports) => unknown) =>
  (world: GuardedWorld, memory: WebAssembly.Memory): Race => {
    const program = programOn(world, memory)
    return {
      texts: texts(program),
      once() {
        const rc = call(program.calls)
        while (world.sys.wait4(program.task, -1, null, 1, null) > 0);
        return wrong(typeof rc !== 'number' || !Number.isInteger(rc), `answered ${String(rc)}`)
      },
    }
  }

const OUT = 0x5000
/** Where the first text of a program lies, behind room for an answer. */
const FIRST_TEXT = 72
const request = (path: number, argv: number, actions: number, count: number): Uint8Array =>
  words(path, argv, 0, actions, count, 0, 0, 0, 0)

export const wasiRaces: Readonly<Record<string, (world: GuardedWorld, memory: WebAssembly.Memory) => Race>> = {
  'wasi connect': names(AF_INET, INET, hasRefusedAddress, true, (calls, fd, length) =>
    void calls.connect!(fd, LIVE_AT, length)),
  'wasi bind': names(AF_UNIX, UNIX, (name) => name.includes(0x21), false, (calls, fd, length) =>
    void calls.bind!(fd, LIVE_AT, length)),
  'wasmedge connect': atAddress('sock_connect'),
  'wasmedge bind': atAddress('sock_bind'),
  'wasi mkdir': mkdir,
  'wasi setxattr': xattr,
  'wasi fd_write': struct(() => [words(LIVE_AT, 8), words(NOWHERE, 0x7fffffff)], (calls) =>
    calls.fd_write!(1, LIVE_AT, 1, OUT)),
  'wasi fd_read': struct(() => [words(OUT, 8, OUT, 8), words(NOWHERE, 0x7fffffff, 1, NOWHERE)], (calls) =>
    calls.fd_read!(0, LIVE_AT, 2, OUT)),
  'wasi spawn': struct(({ text }) => {
    const path = text('/none')
    return [request(path, 0, LIVE_AT, 1), request(NOWHERE, NOWHERE, NOWHERE, 1024)]
  }, (calls) => calls.spawn!(LIVE_AT)),
  'wasi exec argv': struct(({ text }) => {
    const path = text('/none')
    return [words(path, path, 0), words(path, NOWHERE, 1)]
  }, (calls) => calls.exec!(FIRST_TEXT, LIVE_AT, 0)),
  // a clock that is due, or nonsense that is due: it never waits
  'wasi poll_oneoff': struct(() => [new Uint8Array(96), new Uint8Array(96).fill(0xff, 0, 16)], (calls) => {
    const rc = calls.poll_oneoff!(LIVE_AT, OUT, 2, OUT + 128)
    return rc === AGAIN ? 0 : rc
  }),
}
