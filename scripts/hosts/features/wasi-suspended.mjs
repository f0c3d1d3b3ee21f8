import { pipeline } from '../pipeline.mjs'

export default (host) => pipeline(host, 'suspended')
