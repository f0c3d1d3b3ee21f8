/** The Yama LSM: restrictions on ptrace. */
export {}
