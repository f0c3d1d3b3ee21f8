/** Replays recorded answers of real kernels through lsmkit's engines. */
export {}
