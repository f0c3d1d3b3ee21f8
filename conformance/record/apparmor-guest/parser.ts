/** Apparmor_parser as a function: text and features in, the binary out. Nothing is loaded into a kernel. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export class Parser {
  readonly #folder = mkdtempSync(join(tmpdir(), 'apparmor-parser-'))

  constructor() {
    writeFileSync(this.#path('empty'), '')
  }

  #path(name: string): string {
    return join(this.#folder, name)
  }

  /** The binary of a Latin-1 text, null when the parser refuses it, undefined when it crashes. */
  compile(text: string, featuresFile: string): Uint8Array | null | undefined {
    rmSync(this.#path('binary'), { force: true })
    writeFileSync(this.#path('text'), text, 'latin1')
    try {
      execFileSync('apparmor_parser', [
        '-K', '-Q', '-q', '--config-file', this.#path('empty'), '-b', this.#folder, '-I', this.#folder,
        '-M', featuresFile, '-o', this.#path('binary'), this.#path('text'),
      ], { stdio: 'ignore', timeout: 60_000 })
      return readFileSync(this.#path('binary'))
    } catch (error) {
      return (error as { status: number | null }).status === null ? undefined : null
    }
  }

  /** Removes its files. */
  close(): void {
    rmSync(this.#folder, { recursive: true })
  }
}
