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
const I64 = 0x7e
const FUNCTION = 0x60
const sevenWords = Array<number>(7).fill(I32)
/** Address of a program's data. */
export const DATA = 16

const constant = (value: number): number[] => [0x41, ...i32(value)]
const [LOOP, IF, VOID, BR, LOAD] = [0x03, 0x04, 0x40, 0x0c, 0x28]
const [UNREACHABLE, END, CALL, LOCAL_GET, LOCAL_TEE, SUB, AND, SHR_S] = [0x00, 0x0b, 0x10, 0x20, 0x22, 0x6b, 0x71, 0x75]

/**
 * Calls one function of preview 1 and exits with its errno, or with the word at `answerAt` when there is none. All its
 * parameters are words but those given as bigint.
 */
export const previewProgram = (
  call: string, args: readonly (number | bigint)[], { data = '', answerAt = 0 } = {},
): Uint8Array => {
  const types = args.map((arg) => (typeof arg === 'bigint' ? I64 : I32))
  const values = args.flatMap((arg) => (typeof arg === 'bigint' ? [0x42, ...i32(Number(arg))] : constant(arg)))
  const answer = answerAt === 0 ? constant(0) : [...constant(answerAt), LOAD, 2, 0]
  const code = [
    ...values, CALL, 1, LOCAL_TEE, 0, IF, VOID, LOCAL_GET, 0, CALL, 0, END, ...answer, CALL, 0,
  ]
  return program(code, data, [[...name('wasi_snapshot_preview1'), ...name(call), 0, 1]], [types.length, ...types])
}

/** Does nothing, for ever. */
export const spinProgram = (): Uint8Array => program([LOOP, VOID, BR, 0, END], '')

const rawSyscall = [[...name('lsmkit'), ...name('syscall'), 0, 1]]
const program = (
  code: readonly number[], data: string, imported: readonly number[][] = [], parameters = [7, ...sevenWords],
): Uint8Array => {
  const body = [...list([[1, I32]]), ...code, END]
  return Uint8Array.from([
    0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0,
    ...section(1, list([[FUNCTION, 1, I32, 0], [FUNCTION, ...parameters, 1, I32], [FUNCTION, 0, 0]])),
    ...section(2, list([
      [...name('wasi_snapshot_preview1'), ...name('proc_exit'), 0, 0],
      ...imported,
    ])),
    ...section(3, list([[2]])),
    ...section(5, list([[0, 1]])),
    ...section(7, list([[...name('memory'), 2, 0], [...name('_start'), 0, 1 + imported.length]])),
    ...section(10, list([[...u32(body.length), ...body]])),
    ...section(11, list([[0, ...constant(DATA), END, ...name(`${data}\0`)]])),
  ])
}

/** Makes the call and exits with its errno, 0 for none. `data` lies at the address DATA. */
export const callProgram = (nr: number, args: readonly number[], data = ''): Uint8Array => {
  const words = [nr, ...args, ...Array(6 - args.length).fill(0)]
  const call = [...words.flatMap(constant), CALL, 1, LOCAL_TEE, 0]
  const code = [...call, ...constant(31), SHR_S, ...constant(0), LOCAL_GET, 0, SUB, AND, CALL, 0]
  return program(code, data, rawSyscall)
}

export const trapProgram = (): Uint8Array => program([UNREACHABLE], '')
