#!/usr/bin/env node
/** The executable of the package: `lsm`. */
export {}
