/** The SELinux LSM. */
export {}
