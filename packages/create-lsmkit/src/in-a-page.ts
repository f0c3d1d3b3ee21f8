/** Makes the project that the console offers as a download. */
export { faultOfName, namesOf } from './names.ts'
export { projectFiles } from './project-files.ts'
export { rangesOf } from './ranges.ts'
export { layersOf } from './templates.ts'
