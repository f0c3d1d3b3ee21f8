/**
 * The files of a just-bash that runs scripts: it remembers why the kernel refused to open one, and has a script in the
 * place of a program that just-bash would read as one.
 */
import type { FsStat } from 'just-bash'
import { byteString } from './encoding.ts'
import { CalledFs } from './file-calls.ts'
import type { AskFile } from './file-calls.ts'
import { EXEC, isProgramText, programScript } from './program-kinds.ts'
import { Refusals } from './refusals.ts'

const RUNNER = `/bin/${EXEC}`
const runnerStat: FsStat = {
  isFile: true, isDirectory: false, isSymbolicLink: false, mode: 0o755, size: 0, mtime: new Date(0),
}

/** What is written there is gone, and there is nothing to read: so nobody is asked, and no policy has to grant it. */
const NOWHERE = '/dev/null'

const scriptOf = (text: string): string => (isProgramText(text) ? programScript : text)

/** Methods that hand on the promise of another are not `async`, which would make three more. */
export class ShellFs extends CalledFs {
  readonly refusals: Refusals
  /** A file system that does not run commands reads files only for their contents. */
  protected readonly runsCommands: boolean = true

  constructor(ask: AskFile, largest: number, refusals = new Refusals()) {
    super(refusals.noting(ask), largest)
    this.refusals = refusals
  }

  override exists(path: string): Promise<boolean> {
    return path === RUNNER ? Promise.resolve(true) : super.exists(path)
  }

  override stat(path: string): Promise<FsStat> {
    return path === RUNNER ? Promise.resolve(runnerStat) : super.stat(path)
  }

  override readFile(...args: Parameters<CalledFs['readFile']>): Promise<string> {
    const text = this.refusals.of('read', args[0], super.readFile(...args))
    // a script is read without options
    return this.runsCommands && args[1] === undefined ? text.then(scriptOf) : text
  }

  override readFileBytes(path: string): ReturnType<CalledFs['readFileBytes']> {
    if (this.runsCommands && path === NOWHERE) return Promise.resolve(byteString(new Uint8Array(0)))
    return this.refusals.of('read', path, super.readFileBytes(path))
  }

  override writeFile(...args: Parameters<CalledFs['writeFile']>): Promise<void> {
    if (this.runsCommands && args[0] === NOWHERE) return Promise.resolve()
    return this.refusals.of('write', args[0], super.writeFile(...args))
  }

  override appendFile(...args: Parameters<CalledFs['appendFile']>): Promise<void> {
    if (this.runsCommands && args[0] === NOWHERE) return Promise.resolve()
    return this.refusals.of('write', args[0], super.appendFile(...args))
  }
}
