/** A folder with refpolicy's layout: its options, its interfaces, and each of its modules. */
import type { CompiledTe } from '../compile.ts'
import { compileTe } from '../compile.ts'
import { buildModule } from '../build/build.ts'
import { SourceError } from '../errors.ts'
import type { SourceWarning } from '../errors.ts'
import { checkFileContexts } from '../file-contexts.ts'
import { Files } from '../files.ts'
import type { SourceFile } from '../files.ts'
import { Calls } from '../m4/calls.ts'
import { TextBuilder } from '../m4/text.ts'
import { Origin } from '../origin.ts'
import { parseTe } from '../te/parse.ts'
import { inBaseOrder } from './base-order.ts'
import { defaultBuild, readBuildConf } from './build-conf.ts'
import type { BuildConf } from './build-conf.ts'
import { booleanMacros, classPermissionMacros } from './class-permissions.ts'
import { generatedSources } from './generated.ts'
import { expandSources, PolicyHeaders } from './headers.ts'
import type { ExpandOptions } from './headers.ts'
import { chooseModules } from './modules-conf.ts'
import type { ModuleChoice } from './modules-conf.ts'
import { sortFileContexts } from './sort-file-contexts.ts'

interface ModulePaths {
  readonly te: string
  readonly stem: string
}

interface BaseText {
  readonly origin: Origin
  readonly warnings: readonly SourceWarning[]
  /** Where the text of the modules begins. */
  readonly modules: number
}

export class RefpolicyTree {
  readonly build: BuildConf
  readonly headers: PolicyHeaders
  readonly choice: ModuleChoice
  readonly #files: ReadonlyMap<string, SourceFile>
  readonly #modules: ReadonlyMap<string, ModulePaths>

  /** `files` by their paths within the folder. Throws SourceError. */
  constructor(files: ReadonlyMap<string, SourceFile>, build?: BuildConf) {
    const conf = files.get('build.conf')
    this.build = build ?? (conf === undefined ? defaultBuild : readBuildConf(conf))
    const all = new Map([...files, ...generatedSources(files, this.build)])
    this.#files = all
    this.#modules = modulesOf(all)
    this.choice = chooseModules(all.get('policy/modules.conf'), [...this.#modules.keys()],
      (name) => this.#beside(name, '.if')?.text ?? '')
    const { base, modules, off } = this.choice
    this.headers = new PolicyHeaders({
      support: this.#inFolder('policy/support/', '.spt'),
      interfaces: this.#all([...base, ...modules, ...off], '.if'),
      build: this.build,
      generated: this.#generated(),
    })
  }

  /** A module by itself. Throws SourceError. */
  module(name: string): CompiledTe {
    const te = this.#beside(name, '.te')
    if (te === undefined) throw new SourceError('bad-file', `there is no module \`${name}\``, null)
    const fileContexts = this.#beside(name, '.fc')
    return compileTe(te, { headers: this.headers, ...(fileContexts === undefined ? {} : { fileContexts }) })
  }

  /** The base module. Throws SourceError. */
  base(): CompiledTe {
    return this.#compileBase(this.choice.base)
  }

  /** All modules as one policy. Throws SourceError. */
  whole(): CompiledTe {
    return this.#compileBase([...this.choice.base, ...this.choice.modules])
  }

  #compileBase(names: readonly string[]): CompiledTe {
    const { origin, warnings, modules } = this.#baseText(names)
    const statements = inBaseOrder(parseTe(origin, (name) => this.headers.hintFor(name)), modules)
    if (statements.length === 0) throw new SourceError('missing', 'the policy has no statements', null)
    const built = buildModule(statements, origin,
      { mls: this.build.type !== 'standard', handleUnknown: this.build.handleUnknown })
    return { ...built, version: '', statements, origin, warnings, ...this.#texts(names) }
  }

  /** Each section of a base module is read by itself, with the macros that it may use. */
  #baseText(names: readonly string[]): BaseText {
    const { headers } = this
    const calls = new Calls()
    const files = new Files(headers.files)
    const builder = new TextBuilder()
    const warnings: SourceWarning[] = []
    const add = (sources: readonly SourceFile[], macros: ExpandOptions['macros']): void => {
      const found = expandSources(headers, sources, {
        macros: macros ?? null, calls, files, isWhole: true, defined: ['self_contained_policy'],
      })
      const { text } = found.origin
      builder.append(text, 0, text.text.length)
      warnings.push(...found.warnings)
    }
    const policy = (...paths: readonly string[]): SourceFile[] =>
      paths.flatMap((path) => this.#files.get(`policy/${path}`) ?? [])
    add(policy('flask/security_classes', 'flask/initial_sids', 'flask/access_vectors'), headers.plain)
    add(policy('context_defaults', 'mls', 'mcs', 'policy_capabilities'), headers.support)
    add(policy('global_booleans', 'global_tunables'), headers.support)
    const modules = builder.text.length
    add(this.#all(names, '.te'), headers.macros)
    add(policy('users', 'constraints'), headers.support)
    return { origin: new Origin(builder.done(), files, calls), warnings, modules }
  }

  #texts(names: readonly string[]): Pick<CompiledTe, 'fileContexts' | 'users' | 'userPrefixes'> {
    const { headers, build } = this
    const contexts = expandSources(headers, this.#all(names, '.fc'), { macros: headers.support, isWhole: true }).origin
    checkFileContexts(contexts)
    const textOf = (path: string, defined: readonly string[]): string => {
      const file = this.#files.get(path)
      return file === undefined ? ''
        : expandSources(headers, [file], { macros: headers.support, defined }).origin.text.text
    }
    const lines = (text: string, pattern: RegExp): string =>
      text.split('\n').map((line) => line.replace(/^[ \t]+/, '')).filter((line) => pattern.test(line))
        .map((line) => `${line}\n`).join('')
    return {
      fileContexts: sortFileContexts(contexts.text.text),
      users: lines(textOf(`config/appconfig-${build.type}/seusers`, []), /^[a-z_]/),
      userPrefixes: lines(textOf('policy/users', ['users_extra']), /^user/),
    }
  }

  #generated(): SourceFile {
    const vectors = this.#files.get('policy/flask/access_vectors')
    const classes = this.#files.get('policy/flask/security_classes')
    const booleans = this.#files.get('policy/booleans.conf')
    const text = [
      vectors === undefined || classes === undefined ? '' : classPermissionMacros(vectors, classes),
      booleans === undefined ? '' : booleanMacros(booleans),
    ].join('\n')
    return { name: 'generated_definitions.conf', text }
  }

  #beside(name: string, end: string): SourceFile | undefined {
    const found = this.#modules.get(name)
    return found === undefined ? undefined : this.#files.get(`${found.stem}${end}`)
  }

  #all(names: readonly string[], end: string): SourceFile[] {
    return names.flatMap((name) => this.#beside(name, end) ?? [])
  }

  #inFolder(folder: string, end: string): SourceFile[] {
    const paths = [...this.#files.keys()].filter((path) => path.startsWith(folder) && path.endsWith(end)).sort()
    return paths.map((path) => this.#files.get(path)!)
  }
}

const modulesOf = (files: ReadonlyMap<string, SourceFile>): Map<string, ModulePaths> => {
  const modules = new Map<string, ModulePaths>()
  for (const [path, file] of files) {
    const [, stem, name] = /^(policy\/modules\/[^/]+\/([^/]+))\.te$/.exec(path) ?? []
    if (stem === undefined || name === undefined) continue
    const other = modules.get(name)
    if (other !== undefined) {
      throw new SourceError('bad-file', `module \`${name}\` is there twice: \`${file.name}\` and \`${other.te}\``, null)
    }
    modules.set(name, { te: file.name, stem })
  }
  return modules
}
