/** The kernel's numbers and bit layouts: errno, modes, masks, capabilities, audit types, ids. */
export {}
