import { bindingAnswer } from '../../../../../media-node/src/core/media/stun-message.ts';
import { keepAliveMs, keepAliveTerms } from '../../../../../media-node/src/core/sip/keep-alive.ts';
import {
  looksLikeStun,
  mappedAddressOf,
  stunKeepAlive,
} from '../../../../../media-node/src/core/sip/stun-keep-alive.ts';

const SILENT = { via: 'SIP/2.0/TCP a;branch=z9hG4bK1;keep', flowTimer: undefined, require: [] };

describe('SES-7: what a 200 to REGISTER says of keep-alives', () => {
  it.each([
    ['nothing, where our `keep` only came back', SILENT, { isServed: false }],
    ['Flow-Timer', { ...SILENT, flowTimer: ' 90' }, { isServed: true, withinS: 90 }],
    ['`keep`', { ...SILENT, via: 'x;keep=30;rport=1' }, { isServed: true, withinS: 30 }],
    [
      'the shorter of both',
      { ...SILENT, flowTimer: '90', via: 'x; keep="30"' },
      { isServed: true, withinS: 30 },
    ],
    ['outbound alone', { ...SILENT, require: ['path', 'outbound'] }, { isServed: true }],
    [
      'nonsense, which is nothing',
      { ...SILENT, flowTimer: 'soon', via: 'x;keep=-1' },
      { isServed: false },
    ],
    ['zero, which is nothing', { ...SILENT, flowTimer: '0', via: 'x;keep=0' }, { isServed: false }],
    ['a longer name, which is not `keep`', { ...SILENT, via: 'x;keeper=30' }, { isServed: false }],
  ])('%s', (_what, headers, terms) => {
    expect(keepAliveTerms(headers)).toEqual(terms);
  });
});

describe('SES-7: when a keep-alive is sent (RFC 5626 §4.4)', () => {
  it.each([
    ['over a stream', true, undefined, [95_000, 120_000]],
    ['over UDP', false, undefined, [24_000, 29_000]],
    ['as it was told', true, 90, [72_000, 90_000]],
    ['not more often than every five seconds', false, 1, [5_000, 5_000]],
  ])('%s', (_what, isStream, withinS, [least, most]) => {
    const terms = withinS === undefined ? {} : { withinS };

    expect([0, 1].map((chance) => keepAliveMs(isStream, terms, chance))).toEqual([least, most]);
  });
});

describe('SES-7: STUN keep-alives (RFC 5626 §4.4.2)', () => {
  const request = stunKeepAlive(new Uint8Array(12).fill(7));

  it('are binding requests without attributes, and no SIP', () => {
    expect(Buffer.from(request).toString('hex')).toBe(`000100002112a442${'07'.repeat(12)}`);
    expect(looksLikeStun(request)).toBe(true);
    expect(looksLikeStun(Buffer.from('OPTIONS sip:a SIP/2.0'))).toBe(false);
    expect(looksLikeStun(new Uint8Array(20))).toBe(false);
    expect(looksLikeStun(request.subarray(0, 19))).toBe(false);
  });

  it('an answer tells whether we are seen from where we were seen', () => {
    const seen = (port: number): string | undefined =>
      mappedAddressOf(bindingAnswer(request, { address: '192.0.2.1', port }) ?? new Uint8Array());

    expect(seen(5060)).toBe(seen(5060));
    expect(seen(5060)).not.toBe(seen(5061));
  });

  it('an answer without the address, or cut short, tells nothing', () => {
    const answer = bindingAnswer(request, { address: '192.0.2.1', port: 1 }) ?? new Uint8Array();
    const other = Uint8Array.from(answer);
    other[21] = 0x99;

    expect(mappedAddressOf(other)).toBeUndefined();
    expect(mappedAddressOf(answer.subarray(0, 26))).toBeUndefined();
  });
});
