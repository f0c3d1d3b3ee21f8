/** Runs a program on the machine: as whom, on which terminal, within which limits. */
import { CAP_DAC_READ_SEARCH, capSetOf, SIGKILL } from '@lsmkit/abi'
import { giveTerminal } from '@lsmkit/cli/terminal'
import { createSubject } from '@lsmkit/cli/subject'
import type { Subject } from '@lsmkit/cli/subject'
import type { Task } from '@lsmkit/core'
import { HOME, VISITOR_UID, writeFile } from '@lsmkit/demo/tree'
import type { RulesetOptions } from '@lsmkit/landlock'
import { killTask, threadOf } from '@lsmkit/kernel'
import { becomeWasiAsync } from '@lsmkit/wasi'
import { guestLimits } from '@lsmkit/wasi/limits'
import type { Machine } from './machine.ts'
import type { Ended, ProgramChoice, RunRequest, UserId } from './protocol.ts'

export const subjects: Readonly<Record<UserId, Subject>> = {
  root: { uid: 0 },
  backup: { uid: VISITOR_UID, caps: capSetOf(CAP_DAC_READ_SEARCH) },
  visitor: { uid: VISITOR_UID },
}

/** The rights that every program keeps of the tree if Landlock is in the stack: it restricts itself to them. */
export const ownRules: RulesetOptions = {
  read: ['/etc/passwd', '/usr', '/bin', '/proc', '/srv', '/dev', '/tmp', HOME],
  execute: ['/usr/bin', '/srv/tour'],
  write: ['/tmp', '/dev', HOME],
  bestEffort: true,
}

/** The page's input for a program that runs. */
export interface ProgramStreams {
  readonly write: (bytes: Uint8Array) => void
  /** Gives the bytes of Ruby when they are asked for. */
  readonly ruby: () => Promise<Uint8Array<ArrayBuffer>>
}

export class Guest {
  readonly #machine: Machine
  readonly #task: Task
  readonly #request: RunRequest
  #typed: ((bytes: Uint8Array) => void) | null = null
  #resized: (() => void) | null = null
  #size: { readonly columns: number; readonly rows: number }

  constructor(machine: Machine, request: RunRequest) {
    this.#machine = machine
    this.#request = request
    this.#size = { columns: request.columns, rows: request.rows }
    const { quiet, quietly } = machine
    // where it begins is where process 1 was when it was born
    this.#task = quietly(() => {
      quiet.sys.chdir(quiet.init, request.user === 'root' ? '/' : HOME)
      return createSubject(quiet, subjects[request.user])
    })
  }

  /** Throws ProgramError for what cannot run at all. */
  async run(streams: ProgramStreams): Promise<Ended> {
    const { kernel, quiet, quietly, stack } = this.#machine
    const task = this.#task
    const { program, user, limits } = this.#request
    const ruby = program.kind === 'ruby' ? await streams.ruby() : null
    const { path, argv } = quietly(() => this.#place(program, ruby))
    const { uid } = subjects[user]
    stack.current.task = kernel.init
    const end = quietly(() =>
      giveTerminal(
        quiet,
        task,
        uid,
        {
          size: () => this.#size,
          begin: (typed, resized) => ([this.#typed, this.#resized] = [typed, resized]),
          end: () => ([this.#typed, this.#resized] = [null, null]),
        },
        streams.write,
      ),
    )
    if (stack.names.includes('landlock')) {
      const { ruleset } = await import('@lsmkit/landlock')
      quietly(() => ruleset(ownRules).restrict(quiet, task))
    }
    try {
      const { status, reason, stats } = await becomeWasiAsync(kernel, task, {
        program: path,
        argv,
        env: { HOME, PATH: '/usr/bin', SHELL: '/bin/sh', TERM: 'xterm-256color' },
        posix: true,
        syscalls: true,
        waiting: 'suspended',
        limits: { ...guestLimits, ...limits, loops: program.kind !== 'ruby' },
      })
      return { status, reason, calls: stats.calls, time: stats.time }
    } finally {
      end()
    }
  }

  type(bytes: Uint8Array): void {
    this.#typed?.(bytes)
  }

  resize(columns: number, rows: number): void {
    this.#size = { columns, rows }
    this.#resized?.()
  }

  /** Takes effect at its next system call, or where its computing is looked at. No module of the stack is asked. */
  stop(): void {
    for (const task of familyOf(this.#task)) killTask(this.#machine.quiet, task, SIGKILL)
  }

  #place(
    program: ProgramChoice,
    ruby: Uint8Array | null,
  ): { readonly path: string; readonly argv: readonly string[] } {
    const { quiet: kernel, markGuest } = this.#machine
    switch (program.kind) {
      case 'shell':
        return { path: '/usr/bin/sh', argv: ['sh'] }
      case 'command':
        return { path: program.path, argv: [program.path, ...program.args] }
      case 'ruby': {
        const [path, script] = ['/usr/bin/ruby', '/srv/tour/script.rb']
        writeFile(kernel, path, ruby!, 0o755)
        const text = `#!${path} --disable-gems\n$stdout.sync = true\n${program.script}\n`
        writeFile(kernel, script, new TextEncoder().encode(text), 0o755)
        markGuest(script)
        return { path: script, argv: [script] }
      }
      case 'upload': {
        const path = `/srv/tour/${program.name.replace(/[^\w.-]/g, '_').slice(-60) || 'program.wasm'}`
        writeFile(kernel, path, program.bytes, 0o755)
        markGuest(path)
        return { path, argv: [path] }
      }
    }
  }
}

/** A task and all that it has started, as long as they are its children. */
const familyOf = (task: Task): Task[] => [task, ...[...threadOf(task).children].flatMap(familyOf)]
