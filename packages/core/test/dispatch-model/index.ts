/** A plain model of dispatch, and every strategy against it; not published. */
export { randomScript } from './generate.ts'
export { playText } from './play.ts'
export { scriptText } from './script.ts'
