/**
 * Ruby 3.4 at work over 200 small files, on the kernel: what is timed is a round of the work, as Ruby's clock sees
 * it.
 */
import { readFileSync } from 'node:fs'
import { AT_FDCWD, O_CREAT, O_WRONLY } from '@lsmkit/abi'
import { bpf } from '@lsmkit/bpf'
import { capability } from '@lsmkit/capability'
import { createStack } from '@lsmkit/core'
import type { Lsm } from '@lsmkit/core'
import { bootKernel } from '@lsmkit/kernel'
import { compileProgram, runWasi } from '@lsmkit/wasi'
import { warden } from '@lsmkit-examples/own-lsm'
import type { Cell } from '../harness/cell.ts'

export interface RubyArgs {
  /** Path of the host to Ruby's module. */
  readonly ruby: string
  readonly stack: keyof typeof stacks
}

const stacks = {
  'capability': () => [capability()],
  'capability,warden': () => [capability(), warden()],
  'capability,bpf': () => [capability(), bpf()],
} satisfies Record<string, () => readonly Lsm[]>

const FILES = 200
const ROUNDS = 8
const WARM_UP_ROUNDS = 3

const SCRIPT = `
files = Dir.children('/srv/files').sort
${ROUNDS}.times do
  start = Process.clock_gettime(Process::CLOCK_MONOTONIC, :nanosecond)
  total = 0
  files.each do |name|
    path = "/srv/files/#{name}"
    total += File.stat(path).size
    text = File.read(path)
    total += text.lines.map { |line| line.split(',').map(&:to_i).sum }.sum
  end
  File.write('/tmp/total', total.to_s)
  puts Process.clock_gettime(Process::CLOCK_MONOTONIC, :nanosecond) - start
end
`

const must = (rc: number): number => {
  if (rc < 0) throw new Error(`the bench's kernel refused its own set-up: ${rc}`)
  return rc
}

export const cell = ({ ruby, stack: name }: RubyArgs): Cell => {
  const stack = createStack({ lsms: stacks[name]() })
  const kernel = bootKernel({ stack })
  const { sys, init } = kernel
  for (const dir of ['/srv', '/srv/files', '/tmp']) sys.mkdirat(init, AT_FDCWD, dir, 0o755)
  for (let i = 0; i < FILES; i++) {
    const fd = must(sys.openat(init, AT_FDCWD, `/srv/files/${i}.csv`, O_CREAT | O_WRONLY, 0o644))
    const line = Array.from({ length: 12 }, (_, n) => (n * i) % 97).join(',')
    must(sys.write(init, fd, new TextEncoder().encode(`${line}\n`.repeat(20))))
    must(sys.close(init, fd))
  }
  const program = compileProgram(new Uint8Array(readFileSync(ruby)))
  return {
    pass() {
      let text = ''
      const stdout = (bytes: Uint8Array) => void (text += new TextDecoder().decode(bytes))
      const result = runWasi(kernel, init, { program, argv: ['ruby', '-e', SCRIPT], stdout })
      if (result.status !== 0) throw new Error(`Ruby ended with ${result.status} ${result.reason}`)
      return text.trim().split('\n').slice(WARM_UP_ROUNDS).map(Number)
    },
  }
}
