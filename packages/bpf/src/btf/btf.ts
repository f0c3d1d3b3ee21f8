/** The types of a program: BTF. */
export class Btf {}
