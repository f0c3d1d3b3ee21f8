/** For tests: a WASI program of one system call, made byte by byte. */

const u32 = (value: number): number[] => (value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...u32(value >>> 7)])
const i32 = (value: number): number[] => {
  const rest = value >> 7
  const last = (rest === 0 && (value & 0x40) === 0) || (rest === -1 && (value & 0x40) !== 0)
  return last ? [value & 0x7f] : [(value & 0x7f) | 0x80, ...i32(rest)]
}
const list = (items: readonly number[][]): number[] => [...u32(items.length), ...items.flat()]
const bytes = (text: string): number[] => [...new TextEncoder().encode(text)]
const name = (text: string): number[] => [...u32(bytes(text).length), ...bytes(text)]
const section = (id: number, body: readonly number[]): number[] => [id, ...u32(body.length), ...body]

const I32 = 0x7f
const FUNCTION = 0x60
const sevenWords = Array<number>(7).fill(I32)
/** Address of a program's data. */
export const DATA = 16

const constant = (value: number): number[] => [0x41, ...i32(value)]
const [UNREACHABLE, END, CALL, LOCAL_GET, LOCAL_TEE, SUB, AND, SHR_S] = [0x00, 0x0b, 0x10, 0x20, 0x22, 0x6b, 0x71, 0x75]

const program = (code: readonly number[], data: string): Uint8Array => {
  const body = [...list([[1, I32]]), ...code, END]
  return Uint8Array.from([
    0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0,
    ...section(1, list([[FUNCTION, 1, I32, 0], [FUNCTION, 7, ...sevenWords, 1, I32], [FUNCTION, 0, 0]])),
    ...section(2, list([
      [...name('wasi_snapshot_preview1'), ...name('proc_exit'), 0, 0],
      [...name('lsmkit'), ...name('syscall'), 0, 1],
    ])),
    ...section(3, list([[2]])),
    ...section(5, list([[0, 1]])),
    ...section(7, list([[...name('memory'), 2, 0], [...name('_start'), 0, 2]])),
    ...section(10, list([[...u32(body.length), ...body]])),
    ...section(11, list([[0, ...constant(DATA), END, ...name(`${data}\0`)]])),
  ])
}

/** Makes the call and exits with its errno, 0 for none. `data` lies at the address DATA. */
export const callProgram = (nr: number, args: readonly number[], data = ''): Uint8Array => {
  const words = [nr, ...args, ...Array(6 - args.length).fill(0)]
  const call = [...words.flatMap(constant), CALL, 1, LOCAL_TEE, 0]
  return program([...call, ...constant(31), SHR_S, ...constant(0), LOCAL_GET, 0, SUB, AND, CALL, 0], data)
}

export const trapProgram = (): Uint8Array => program([UNREACHABLE], '')
