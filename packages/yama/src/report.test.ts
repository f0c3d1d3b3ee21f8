import { PF_KTHREAD } from '@lsmkit/abi'
import { kernelText } from '@lsmkit/core'
import { describe, expect, test } from 'vitest'
import { aFamily } from '../test/family.ts'

const commands = (texts: Readonly<Record<string, string>>, options: { now?: () => number } = {}) => {
  const log: string[] = []
  const f = aFamily({ printk: (line) => log.push(line), ...options })
  f.stack.host = { ...f.stack.host, get_cmdline: ({ comm }) => texts[comm] ?? '' }
  return { f, log }
}

describe('the report of a refusal', () => {
  test.each([
    { rule: 'arguments with blanks between them', cmdline: 'sleep\x0010\0', text: 'sleep 10' },
    { rule: 'an argument that is empty', cmdline: 'a\0\0b\0', text: 'a  b' },
    { rule: 'no arguments at all', cmdline: '', text: '' },
    { rule: 'quotes and backslashes', cmdline: 'a"b\\c\0', text: 'a\\x22b\\x5cc' },
    { rule: 'no line can be forged', cmdline: 'a\nb\r\t\v\f\x07\x1b\0', text: 'a\\x0ab\\x0d\\x09\\x0b\\x0c\\x07\\x1b' },
    { rule: 'a page at most', cmdline: `${'x'.repeat(5000)}\0`, text: 'x'.repeat(4095) },
  ])('$rule', ({ cmdline, text }) => {
    const { f, log } = commands({ debuggee: cmdline, stranger: 'gdb\0-p\x007\0' })
    const { debuggee, stranger } = f
    const line = `ptrace attach of "${text}"[${debuggee.pid}] was attempted by "gdb -p 7"[${stranger.pid}]`
    expect(f.attach(stranger, debuggee).reason).toBe(line)
    expect(log.at(-1)).toBe(`Yama: ${line}`)
  })

  test('traceme: the task that asked, and the parent that would trace', () => {
    const { f } = commands({ debuggee: 'app\0', shell: 'sh\0' })
    f.write(f.root, '2')
    const { debuggee, shell } = f
    expect(f.traceme(debuggee, shell).reason).toBe(
      `ptrace traceme of "app"[${debuggee.pid}] was attempted by "sh"[${shell.pid}]`,
    )
  })

  test('kernel threads go by their names', () => {
    const { f } = commands({ debuggee: 'app\0', stranger: 'never shown\0' })
    f.stranger.flags |= PF_KTHREAD
    expect(f.attach(f.stranger, f.debuggee).reason).toContain('"debuggee"')
  })

  test('a host that knows no arguments: names', () => {
    const f = aFamily()
    expect(f.attach(f.stranger, f.debuggee).reason).toContain('attempted by "stranger"')
  })

  test('the audit record has the same in parts', () => {
    const f = aFamily()
    f.attach(f.stranger, f.debuggee)
    const record = f.stack.audit.records.at(-1)!
    expect(record).toMatchObject({
      kind: 'denial', lsm: 'yama', hook: 'ptrace_access_check', object: { kind: 'task', pid: f.debuggee.tgid },
      details: { access: 'attach', scope: 1, target: f.debuggee.pid, agent: f.stranger.pid },
    })
    expect(kernelText(record)).toContain('error=EPERM reason=')
  })

  test('ten lines in five seconds', () => {
    let now = 0
    const { f, log } = commands({}, { now: () => now })
    const refusals = (count: number): number => {
      log.length = 0
      for (let i = 0; i < count; i++) f.attach(f.stranger, f.debuggee)
      return log.length
    }
    expect(refusals(15)).toBe(10)
    now = 5000
    expect(refusals(1)).toBe(0)
    now = 5001
    expect(refusals(15)).toBe(10)
    now = 0
    expect(refusals(1)).toBe(1)
  })
})
