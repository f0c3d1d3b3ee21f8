/** Type bytes of the elements of a stream, of those that policy has (enum aa_code). */
export const AA_U8 = 0
export const AA_U16 = 1
export const AA_U32 = 2
export const AA_U64 = 3
export const AA_NAME = 4
export const AA_STRING = 5
export const AA_BLOB = 6
export const AA_STRUCT = 7
export const AA_STRUCTEND = 8
export const AA_ARRAY = 11
export const AA_ARRAYEND = 12
