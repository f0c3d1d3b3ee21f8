/** POSIX capabilities as the LSM the kernel always loads first. */
export {}
