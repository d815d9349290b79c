import type { ScryptCost } from '../../functions/src/adapters/scrypt-password-hasher.ts';

/** A real one costs a third of a second of a core at each log-in; its price is tested where it is set. */
export const CHEAP_PASSWORDS: ScryptCost = { logN: 10, r: 8, p: 1 };
