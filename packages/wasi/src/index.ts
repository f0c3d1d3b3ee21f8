/** Runs WASI preview 1 programs on the user-space kernel. */
export {}
