/** Packages of ES modules, required. */
const { createStack } = require('@lsmkit/core')
const { yama } = require('@lsmkit/yama')

const { names } = createStack({ lsms: [yama()], capability: 'none' })
if (names.join() !== 'yama') throw new Error(names.join())
