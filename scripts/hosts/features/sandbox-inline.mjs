import { inBox } from '../in-box.mjs'

export default (host) => inBox(host, true)
