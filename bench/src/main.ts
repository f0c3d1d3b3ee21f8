/** Benchmarks, each answering one question. */
export {}
