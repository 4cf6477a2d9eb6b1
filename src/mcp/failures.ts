/** The other side cannot have taken it: not connected, or refused as such. */
export class NotSent extends Error {}

/** The other side took it, and what it gave back is no answer. */
export class BadAnswer extends Error {}
