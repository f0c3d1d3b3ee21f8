/** A copy of the clone in which versions are raised and packages are built and published, as a release does. */
import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { root, toolEnv } from '../tools.mjs'

/** Runs a tool and answers what it printed; its output comes with the error when it fails. */
function run(folder, env, command, ...args) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd: folder, env, encoding: 'utf8' })
  if (error !== undefined) throw error
  if (status !== 0) throw new Error(`${[command, ...args].join(' ')} failed:\n${stdout}${stderr}`)
  return stdout + stderr
}

/** Tracked and new files of the clone, builds, and the links that a workspace is made of. */
function copyTree(target) {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root })
  for (const file of listed.toString().split('\0')) {
    if (file === '' || !existsSync(join(root, file))) continue
    mkdirSync(dirname(join(target, file)), { recursive: true })
    cpSync(join(root, file), join(target, file))
  }
  const packages = readdirSync(join(root, 'packages')).map((name) => join('packages', name))
  for (const folder of packages.flatMap((name) => [join(name, 'dist'), join(name, 'node_modules')])) {
    if (!existsSync(join(root, folder))) continue
    cpSync(join(root, folder), join(target, folder), { recursive: true, verbatimSymlinks: true })
  }
  symlinkSync(join(root, 'node_modules'), join(target, 'node_modules'), 'junction')
}

export class Workshop {
  /** `npmrc`: of the registry that is published to. */
  constructor(folder, npmrc) {
    this.folder = folder
    this.env = { ...toolEnv(), NPM_CONFIG_USERCONFIG: npmrc, CI: 'true' }
    copyTree(folder)
    // changesets ask git when a change was made
    for (const args of [['init', '-q'], ['add', '-A'], ['commit', '-q', '-m', 'as it is']]) this.git(...args)
  }

  git(...args) {
    const who = ['-c', 'user.name=publish-check', '-c', 'user.email=publish-check@example.invalid']
    return run(this.folder, this.env, 'git', ...who, ...args)
  }

  manifest(name) {
    return JSON.parse(readFileSync(join(this.folder, 'packages', name, 'package.json'), 'utf8'))
  }

  /** Adds a changeset: `{ '@lsmkit/core': 'minor' }`. */
  change(releases, summary) {
    const lines = Object.entries(releases).map(([name, bump]) => `'${name}': ${bump}\n`)
    writeFileSync(join(this.folder, '.changeset', 'publish-check.md'), `---\n${lines.join('')}---\n\n${summary}\n`)
  }

  /** Forgets the changesets that lie there: for what is published, they are told already. */
  forgetChanges() {
    const folder = join(this.folder, '.changeset')
    for (const name of readdirSync(folder)) if (name.endsWith('.md')) rmSync(join(folder, name))
  }

  changeset(...args) {
    return run(this.folder, this.env, 'changeset', ...args)
  }

  build(name) {
    return run(join(this.folder, 'packages', name), this.env, 'pnpm', 'run', 'build')
  }

  /** Publishes what the registry does not have yet. */
  publish() {
    return this.changeset('publish', '--no-git-tag')
  }
}
