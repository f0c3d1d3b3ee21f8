/** A copy of the clone in which versions are raised and packages are built and published, as a release does. */
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { root, toolEnv } from '../tools.mjs'
import { run } from './run.mjs'

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

export class ReleaseTree {
  /** The folder must not exist; `registry` is published to. */
  static async open(folder, registry) {
    copyTree(folder)
    const releaseTree = new ReleaseTree(folder, registry)
    // changesets ask git when a change was made
    for (const args of [['init',
      '-q'], ['add', '-A'], ['commit', '-q', '-m', 'as it is']]) await releaseTree.git(...args)
    return releaseTree
  }

  constructor(folder, registry) {
    this.folder = folder
    this.env = { ...registry.envOf(toolEnv()), CI: 'true' }
  }

  run(command, ...args) {
    return run(command, args, { cwd: this.folder, env: this.env })
  }

  git(...args) {
    const who = ['-c', 'user.name=publish-check', '-c', 'user.email=publish-check@example.invalid']
    return this.run('git', ...who, ...args)
  }

  /** Of every package that is published, by name. */
  manifests() {
    const folders = readdirSync(join(this.folder, 'packages')).map((name) => join(this.folder, 'packages', name))
    const all = folders.map((folder) => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')))
    return new Map(all.filter((manifest) => manifest.private !== true).map((manifest) => [manifest.name, manifest]))
  }

  versionOf(name) {
    return this.manifests().get(name).version
  }

  /** The release that the changesets of the clone ask for; without any, the versions are those to be published. */
  async releaseAll() {
    const waiting = readdirSync(join(this.folder, '.changeset')).filter((name) => name.endsWith('.md'))
    if (waiting.length > 0) await this.run('changeset', 'version')
    return this.publish()
  }

  /** A release of one change: `release({ '@lsmkit/core': 'minor' })`. */
  async release(bumps) {
    const folder = join(this.folder, '.changeset')
    for (const name of readdirSync(folder)) if (name.endsWith('.md')) rmSync(join(folder, name))
    const lines = Object.entries(bumps).map(([name, bump]) => `'${name}': ${bump}\n`)
    writeFileSync(join(folder, 'change.md'), `---\n${lines.join('')}---\n\nA change of publish-check.\n`)
    await this.run('changeset', 'version')
    return this.publish()
  }

  /** Publishes what the registry does not have yet. */
  publish() {
    return this.run('changeset', 'publish', '--no-git-tag')
  }

  read(name, file) {
    return readFileSync(join(this.folder, 'packages', name, file), 'utf8')
  }

  /** Changes a source file of a package and builds it anew. */
  async edit(name, file, change) {
    const before = this.read(name, file)
    const after = change(before)
    if (after === before) throw new Error(`packages/${name}/${file} has nothing to change`)
    writeFileSync(join(this.folder, 'packages', name, file), after)
    // pnpm would install first where a release has changed ranges, into the node_modules of the clone
    await run('node', ['--run', 'build'], { cwd: join(this.folder, 'packages', name), env: this.env })
  }
}
