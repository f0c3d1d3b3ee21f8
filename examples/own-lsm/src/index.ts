/** A Linux Security Module of your own, in one file. */
export {}
