/** A folder outside the clone with plain npm and one Node, as a stranger has them. */
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { callersEnv } from '../tools.mjs'
import { envOf } from './nodes.mjs'
import { attempt, run, runToFail } from './run.mjs'

/** Who commits in there. */
const committer = Object.fromEntries(
  ['AUTHOR', 'COMMITTER'].flatMap((role) => [
    [`GIT_${role}_NAME`, 'publish-check'],
    [`GIT_${role}_EMAIL`, 'publish-check@example.invalid'],
  ]),
)

export class Outside {
  constructor(folder, node, registry) {
    mkdirSync(folder, { recursive: true })
    this.folder = folder
    this.env = { ...envOf(node, registry.envOf(callersEnv())), ...committer, CI: 'true', NO_COLOR: '1' }
  }

  get options() {
    return { cwd: this.folder, env: this.env }
  }

  /** An empty project of ES modules. */
  init(manifest = {}) {
    this.write('package.json', JSON.stringify({ private: true, type: 'module', ...manifest }))
    return this
  }

  write(file, text) {
    mkdirSync(dirname(join(this.folder, file)), { recursive: true })
    writeFileSync(join(this.folder, file), text)
  }

  read(file) {
    return readFileSync(join(this.folder, file), 'utf8')
  }

  has(file) {
    return existsSync(join(this.folder, file))
  }

  /** Takes one of `scripts/publish/programs`. */
  take(program, as = program) {
    copyFileSync(join(import.meta.dirname, 'programs', program), join(this.folder, as))
    return as
  }

  run(command, ...args) {
    return run(command, args, this.options)
  }

  fails(command, ...args) {
    return runToFail(command, args, this.options)
  }

  attempt(command, ...args) {
    return attempt(command, args, this.options)
  }

  /** Lines as they stand in a document, in one shell that stops at the first that fails. */
  shell(lines) {
    return run('sh', ['-ec', lines], this.options)
  }

  install(...packages) {
    return this.run('npm', 'install', '--no-audit', '--no-fund', ...packages)
  }

  /** Version of an installed package, or null. */
  versionOf(name) {
    const file = join('node_modules', name, 'package.json')
    return this.has(file) ? JSON.parse(this.read(file)).version : null
  }
}
