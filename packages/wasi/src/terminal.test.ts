/** A terminal of the kernel's: who has it, what is typed and written, its size, and how much goes through it. */
import { expect, test } from 'vitest'
import { capability } from '@lsmkit/capability'
import { ECHILD, PF_EXITING, SIGHUP, SIGXFSZ, TIOCGWINSZ, WNOHANG } from '@lsmkit/abi'
import { OptionError, ref } from '@lsmkit/core'
import type { Task } from '@lsmkit/core'
import type { Kernel } from '@lsmkit/kernel'
import { openTerminal } from './terminal.ts'
import type { TerminalOptions } from './terminal.ts'
import { bootForTest } from './testing/boot.ts'

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)
const bytes = (words: string): Uint8Array => new TextEncoder().encode(words)

const setUp = (more: Partial<TerminalOptions> = {}) => {
  const kernel: Kernel = bootForTest([capability()])
  const { sys, init, machine } = kernel
  const task = machine.tasks.findByVpid(sys.fork(init)) as Task
  let shown = ''
  const write = (part: Uint8Array): void => void (shown += text(part))
  const terminal = openTerminal(kernel, task, { uid: 1000, size: { rows: 33, columns: 99 }, write, ...more })
  const read = (): string => {
    const buffer = new Uint8Array(100)
    const rc = sys.read(task, 0, buffer)
    return rc < 0 ? String(rc) : text(buffer.subarray(0, rc))
  }
  return { sys, init, task, terminal, read, shown: () => shown }
}

const later = () => new Promise((resolve) => setTimeout(resolve))

test('what is typed is edited and echoed, what is written is shown', async () => {
  const { sys, task, terminal, read, shown } = setUp()
  await terminal.type(bytes('helol\x7f\x7flo\r'))
  expect(read()).toBe('hello\n')
  expect(sys.write(task, 1, bytes('one\n'))).toBe(4)
  expect(sys.write(task, 2, bytes('two\n'))).toBe(4)
  await later()
  expect(shown()).toMatch(/lo\r\none\r\ntwo\r\n$/)
  expect(terminal.output).toBe(shown().length)
})

test('its size, now and later', () => {
  const { sys, task, terminal } = setUp()
  const sizeOf = () => {
    const size = { ws_row: 0, ws_col: 0, ws_xpixel: 0, ws_ypixel: 0 }
    expect(sys.ioctl(task, 0, TIOCGWINSZ, size)).toBe(0)
    return [size.ws_row, size.ws_col]
  }
  expect(sizeOf()).toEqual([33, 99])
  terminal.resize(5, 6)
  expect(sizeOf()).toEqual([5, 6])
})

test('more than it may write is dropped, and ends it', async () => {
  const { sys, task, terminal, shown } = setUp({ output: 6 })
  sys.write(task, 1, bytes('12345678'))
  await later()
  expect({ shown: shown(), output: terminal.output, isOver: terminal.isOver })
    .toEqual({ shown: '123456', output: 6, isOver: true })
  expect(task.flags & PF_EXITING).not.toBe(0)
  expect(task.exit_code & 0x7f).toBe(SIGXFSZ)
})

test('who takes it slowly makes the program wait, and gets all', async () => {
  const parts: string[] = []
  const write = async (part: Uint8Array): Promise<void> => {
    await later()
    parts.push(text(part))
  }
  const { sys, task, terminal } = setUp({ write })
  const all = 'x'.repeat(50_000)
  for (let at = 0; at < all.length;) {
    const rc = sys.write(task, 1, bytes(all.slice(at, at + 10_000)))
    if (rc > 0) at += rc
    else await later()
  }
  await terminal.close()
  expect(parts.join('')).toBe(all)
})

test('nothing is left of it once it is closed, and who has it is hung up on', async () => {
  const { sys, init, task, terminal } = setUp()
  await terminal.close()
  await terminal.close()
  const status = ref(0)
  expect(sys.wait4(init, -1, status, WNOHANG, null)).toBe(task.pid)
  expect(status.value).toBe(SIGHUP)
  expect(sys.wait4(init, -1, status, WNOHANG, null)).toBe(-ECHILD)
})

test.each([
  { size: { rows: -1, columns: 1 } }, { size: { rows: 1 } }, { output: -1 }, { uid: 1, rows: 1 },
])('options are checked: %o', (options) => {
  expect(() => setUp(options as never)).toThrow(OptionError)
})
