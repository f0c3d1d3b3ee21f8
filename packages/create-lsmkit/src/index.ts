/** `create-lsmkit`: makes the folder of a module of one's own. The command is `npm create lsmkit@latest`. */
export { makeProject, ProjectError } from './make-project.ts'
export type { Project, ProjectCode } from './make-project.ts'
export { templates } from './templates.ts'
export type { TemplateName } from './templates.ts'
