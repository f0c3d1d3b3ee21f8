/** Makes the folder of a project out of a template: all of it or nothing. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { managerOf } from './manager.ts'
import type { Manager } from './manager.ts'
import { faultOfName, namesOf } from './names.ts'
import type { Names } from './names.ts'
import { projectFiles } from './project-files.ts'
import type { Files, TemplateFile } from './project-files.ts'
import { rangesOf } from './ranges.ts'
import type { Ranges } from './ranges.ts'
import { isTemplate, layersOf, templates } from './templates.ts'
import type { TemplateName } from './templates.ts'

export type ProjectCode = 'bad-name' | 'unknown-template' | 'folder-exists' | 'cannot-write'

/** A folder that cannot be made, or is not empty. */
export class ProjectError extends Error {
  readonly code: ProjectCode
  /** The message without the hint, which is behind it in brackets. */
  readonly summary: string
  readonly hint: string | null

  constructor(code: ProjectCode, message: string, hint: string | null = null) {
    super(hint === null ? message : `${message} (${hint})`)
    this.summary = message
    this.name = 'ProjectError'
    this.code = code
    this.hint = hint
  }
}

export interface Project {
  /** Of the npm package; `@me/my-lsm` makes the folder `my-lsm`. */
  readonly name: string
  /** One of `templates`; `lsm` unless given. */
  readonly template?: string
  /** Where the folder is made; the current one unless given. */
  readonly parent?: string
  /** Versions of lsmkit's packages; those that this version of create-lsmkit was published with unless given. */
  readonly ranges?: Ranges
  /** The package manager that its workflows and its README use; the one that has started this process unless given. */
  readonly agent?: string
}

const packageFolder = fileURLToPath(new URL('..', import.meta.url))

/** Answers the path of the folder. Throws ProjectError; then nothing was made. */
export const makeProject = (project: Project): string => {
  const { name, template = 'lsm', parent = '.' } = project
  const fault = faultOfName(name)
  if (fault !== null) throw new ProjectError('bad-name', `\`${name}\` cannot be a name: ${fault}`)
  if (!isTemplate(template)) {
    const known = Object.keys(templates).join(', ')
    throw new ProjectError('unknown-template', `there is no template \`${template}\``, `there are ${known}`)
  }
  const names = namesOf(name)
  const own = (): string => readFileSync(join(packageFolder, 'package.json'), 'utf8')
  const files = filesOf(template, names, project.ranges ?? rangesOf(own()), managerOf(project.agent ?? ownAgent()))
  const folder = join(parent, names.bare)
  if (!isFree(folder)) {
    throw new ProjectError('folder-exists', `\`${folder}\` is not empty`, 'choose another name, or move it away')
  }
  writeAll(folder, files)
  return folder
}

const isFree = (folder: string): boolean =>
  !existsSync(folder) || (statSync(folder).isDirectory() && readdirSync(folder).length === 0)

/** Set by the manager that runs this. */
export const ownAgent = (): string | undefined => process.env['npm_config_user_agent']

const filesOf = (template: TemplateName, names: Names, ranges: Ranges, manager: Manager): Files => {
  const files = layersOf(template).flatMap((layer) => filesIn(join(packageFolder, 'templates', layer)))
  return projectFiles(files, names, ranges, manager)
}

const filesIn = (folder: string): TemplateFile[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => !statSync(join(folder, path)).isDirectory())
    .map((path) => [path.replaceAll('\\', '/'), readFileSync(join(folder, path))])

const writeAll = (folder: string, files: Files): void => {
  try {
    for (const [path, content] of files) {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), content)
    }
  } catch (error) {
    rmSync(folder, { recursive: true, force: true })
    throw new ProjectError('cannot-write', `\`${folder}\` cannot be written: ${(error as Error).message}`)
  }
}
