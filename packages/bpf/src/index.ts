/** The BPF LSM. */
export {}
