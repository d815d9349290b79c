const HOUR_S = 3_600;

/**
 * An item outlives every session it may describe: a WebSocket lasts two hours at most, so a live
 * session is resumed, and its life prolonged, long before this.
 */
const SESSION_LIFE_S = 24 * HOUR_S;
const CONNECTION_LIFE_S = 3 * HOUR_S;

const inSeconds = (nowMs: number, lifeS: number): number => Math.ceil(nowMs / 1000) + lifeS;

export const sessionTtl = (nowMs: number): number => inSeconds(nowMs, SESSION_LIFE_S);
export const connectionTtl = (nowMs: number): number => inSeconds(nowMs, CONNECTION_LIFE_S);
