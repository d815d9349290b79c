/** How short and how long a call may be let ring: a person needs a moment, a caller has his limits. */
export const RING_S = { min: 5, max: 180 } as const;
