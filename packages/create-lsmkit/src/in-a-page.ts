/** What the console's page needs to make a project that it can be downloaded as. Not published. */
export { faultOfName, namesOf } from './names.ts'
export { projectFiles } from './project-files.ts'
export { rangesOf } from './ranges.ts'
export { layersOf } from './templates.ts'
