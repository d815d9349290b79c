/** Wall time with fractions: pages and processes of one machine share it. */
export const nowMs = (): number => performance.timeOrigin + performance.now();
