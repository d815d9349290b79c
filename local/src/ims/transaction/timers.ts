/** Timer values of RFC 3261 Table 4; 64·T1 bounds every transaction. */
export const T1_MS = 500;
export const T2_MS = 4_000;
export const T4_MS = 5_000;
export const TRANSACTION_MS = 64 * T1_MS;
/** Timer D: how long a final response to our INVITE may be repeated over UDP. */
export const TIMER_D_MS = 32_000;
/** Timer C: a proxied INVITE without a final response (RFC 3261 §16.6 step 11). */
export const TIMER_C_MS = 185_000;
