/** The module that `npm run play` puts on the stack. */
import { myLsm } from './index.ts'

export default () => myLsm()
