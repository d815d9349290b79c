import { CONSENT_EXPIRY_MS, Consent } from '../../media-node/src/core/media/consent.ts';

describe('RFC 7675 §5.1: consent', () => {
  it('lasts thirty seconds from the last answer', () => {
    const consent = new Consent(CONSENT_EXPIRY_MS);
    for (const [transaction, atMs] of [
      ['a', 0],
      ['b', 5000],
    ] as const) {
      consent.requestSent(transaction);
      consent.responseReceived(transaction, atMs);
    }

    expect(consent.remainingMs(34_999)).toBe(1);
    expect(consent.remainingMs(35_000)).toBe(0);
  });

  it('is not there before the first answer', () => {
    expect(new Consent(CONSENT_EXPIRY_MS).remainingMs(0)).toBeLessThanOrEqual(0);
  });

  it('is not granted by an answer to nothing, nor twice by one answer', () => {
    const consent = new Consent(CONSENT_EXPIRY_MS);
    consent.requestSent('a');
    consent.responseReceived('a', 0);

    consent.responseReceived('a', 20_000);
    consent.responseReceived('unasked', 20_000);

    expect(consent.remainingMs(20_000)).toBe(10_000);
  });

  it('remembers a bounded number of open checks, the newest', () => {
    const consent = new Consent(CONSENT_EXPIRY_MS);
    for (let check = 0; check < 100; check += 1) consent.requestSent(String(check));

    consent.responseReceived('0', 0);
    const afterForgotten = consent.remainingMs(0);
    consent.responseReceived('99', 0);

    expect(afterForgotten).toBeLessThanOrEqual(0);
    expect(consent.remainingMs(0)).toBe(CONSENT_EXPIRY_MS);
  });
});
