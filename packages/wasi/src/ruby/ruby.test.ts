/** Ruby itself, over the kernel. */
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { EACCES, EPERM, SIGSYS } from '@lsmkit/abi'
import { capability } from '@lsmkit/capability'
import { createStack, defineLsm } from '@lsmkit/core'
import { bootKernel } from '@lsmkit/kernel'
import { describe, expect, test } from 'vitest'
import { compileProgram, runWasi, runWasiAsync } from '../index.ts'
import type { Program, WasiOptions } from '../index.ts'
import { bootForTest, childOf, collect, makeDir, writeFile } from '../testing/boot.ts'

const PACKAGE = '@ruby/3.4-wasm-wasi'
const wasm = ((): string | null => {
  try {
    return createRequire(import.meta.url).resolve(`${PACKAGE}/dist/ruby+stdlib.wasm`)
  } catch {
    return null
  }
})()
const isThere = wasm !== null && existsSync(wasm)

let compiled: Program | null = null
const ruby = (): Program => (compiled ??= compileProgram(new Uint8Array(readFileSync(wasm as string))))

/** Refuses user 1000 anything called `secret`, and everybody to remove anything. */
const guard = () =>
  defineLsm({
    name: 'guard',
    abi: '1.0', id: 200,
    hooks: {
      file_open: (file) => (file.f_cred.fsuid === 1000 && file.f_path.dentry.d_name.name === 'secret' ? -EACCES : 0),
      inode_unlink: () => -EPERM,
    },
  })

const kernel = bootForTest([capability(), guard()])
makeDir(kernel, '/job', 0o777)

const run = (argv: readonly string[], options: Partial<WasiOptions> = {}) => {
  const out = collect()
  const err = collect()
  const task = childOf(kernel, 1000)
  const result = runWasi(kernel, task, {
    program: ruby(), argv: ['ruby', '--disable=gems', ...argv], stdin: '', stdout: out.sink, stderr: err.sink,
    ...options,
  })
  return { ...result, out: out.text(), err: err.text() }
}

describe.skipIf(!isThere)(`ruby (skipped where ${PACKAGE} is not installed)`, () => {
  test('a script reads, writes and lists files of the kernel', () => {
    writeFile(kernel, '/job/script.rb', `
abort "not the program" unless __FILE__ == $0
Dir.mkdir("/job/out")
200.times { |i| File.write("/job/out/#{i}", "line\\n" * i) }
lines = Dir.children("/job/out").sum { |name| File.foreach("/job/out/#{name}").count }
File.symlink("/job/out/7", "/job/link")
File.rename("/job/out/1", "/job/out/one")
puts [ARGV, lines, File.readlink("/job/link"), File.stat("/job/link").size, File.exist?("/job/out/1"),
  DATA.read].inspect
exit 3
__END__
the data`)
    const result = run(['/job/script.rb', 'a', '-b'])
    expect(result.err).toBe('')
    expect(result.out).toBe('[["a", "-b"], 19900, "/job/out/7", 35, false, "the data"]\n')
    expect(result.status).toBe(3)
    expect(result.stats.calls).toBeGreaterThan(600)
  })

  test('a refusal is Errno::EACCES or EPERM, with the text of the system', () => {
    writeFile(kernel, '/job/secret', 'x')
    writeFile(kernel, '/job/kept', 'x')
    const result = run(['-e', `
      [-> { File.read("/job/secret") }, -> { File.delete("/job/kept") }, -> { File.write("/etc-file", "") },
        -> { File.read("/job/none") }].each do |act|
        act.call
      rescue SystemCallError => error
        puts "#{error.class} #{error.errno}"
      end`])
    expect(result.out).toBe('Errno::EACCES 2\nErrno::EPERM 63\nErrno::EACCES 2\nErrno::ENOENT 44\n')
  })

  test('an uncaught exception, at_exit blocks and the status', () => {
    const result = run(['-e', 'at_exit { puts "second" }; at_exit { puts "first" }; def fail = raise("boom")\nfail'])
    expect(result).toMatchObject({ status: 1, out: 'first\nsecond\n',
      err: "-e:1:in 'Object#fail': boom (RuntimeError)\n\tfrom -e:2:in '<main>'\n" })
    expect(run(['-e', 'at_exit { exit 7 }; exit 2']).status).toBe(7)
  })

  test('programs from standard input, syntax errors, files that are not there', () => {
    expect(run([], { stdin: 'puts 6 * 7' })).toMatchObject({ out: '42\n', status: 0 })
    expect(run(['-e', 'puts(']).err).toMatch(/^-e: -e:1: syntax error/)
    expect(run(['/job/none.rb'])).toMatchObject({
      err: 'ruby: No such file or directory -- /job/none.rb (LoadError)\n', status: 1,
    })
    expect(run(['/job/secret'])).toMatchObject({ err: 'ruby: Permission denied -- /job/secret (LoadError)\n',
      status: 1 })
    expect(run(['-x'])).toMatchObject({ err: expect.stringContaining('-x') as string, status: 1 })
  })

  test('JavaScript is out of reach', () => {
    const result = run([
      '-e', 'puts "before"; $stdout.flush; require "js"; JS.eval("globalThis.reached = true"); puts "after"',
    ])
    expect(result).toMatchObject({ out: 'before\n', signal: SIGSYS, status: 128 + SIGSYS })
    expect(result.reason).toContain('JavaScript is out of reach')
    expect('reached' in globalThis).toBe(false)
  })
})

describe.skipIf(!isThere).each(['suspended', 'workers'] as const)('beside others, %s', (waiting) => {
  const program = (): Program | Uint8Array<ArrayBuffer> =>
    (waiting === 'suspended' ? ruby() : new Uint8Array(readFileSync(wasm!)))

  test('it waits for what another writes', async () => {
    const task = childOf(kernel)
    const ends: number[] = []
    kernel.sys.pipe(task, ends)
    kernel.sys.dup2(task, ends[0]!, 0)
    const out = collect()
    const text = '$stdout.sync = true; puts "reads"; puts $stdin.sysread(1); puts 6 * 7'
    const argv = ['ruby', '--disable=gems', '-e', text]
    const ended = runWasiAsync(kernel, task, { program: program(), waiting, argv, stdout: out.sink })
    while (out.text() === '') await new Promise((resolve) => void setTimeout(resolve, 5))
    expect(out.text()).toBe('reads\n')
    kernel.sys.write(task, ends[1]!, Buffer.from('x'))
    expect(await ended).toMatchObject({ status: 0 })
    expect(out.text()).toBe('reads\nx\n42\n')
    kernel.sys.exit_group(task, 0)
  })

  test('what is attached while it writes file after file refuses its next one', async () => {
    const stack = createStack({ lsms: [capability()] })
    const own = bootKernel({ stack })
    makeDir(own, '/job')
    const task = childOf(own)
    const out = collect()
    const text = '$stdout.sync = true; puts "writes"; loop { File.write("/job/w", "x") }'
    const argv = ['ruby', '--disable=gems', '-e', `begin; ${text}; rescue SystemCallError => e; puts e.class; end`]
    const limits = { time: 60_000 }
    const ended = runWasiAsync(own, task, { program: program(), waiting, argv, stdout: out.sink, limits })
    while (out.text() === '') await new Promise((resolve) => void setTimeout(resolve, 5))
    const link = stack.attach('file_open', ({ f_path }) => (f_path.dentry.d_name.name === 'w' ? -EACCES : 0))
    expect(await ended).toMatchObject({ status: 0 })
    expect(out.text()).toBe('writes\nErrno::EACCES\n')
    link.detach()
    own.sys.exit_group(task, 0)
  })
})
