import {
  parseReferTo,
  parseReplaces,
  referToHeader,
  replacesHeader,
  sipfragOf,
  statusOfSipfrag,
} from '../../media-node/src/core/sip/refer.ts';

const REPLACES = { callId: 'a84b4c76@atl', toTag: '3141', fromTag: '926', isEarlyOnly: false };

describe('SES-5: Refer-To (RFC 3515 §2.1)', () => {
  it.each([
    ['sip:bob@ims.test', { method: 'INVITE', target: 'sip:bob@ims.test' }],
    ['<tel:+15550199>', { method: 'INVITE', target: 'tel:+15550199' }],
    ['"Bob" <sip:bob@h;user=phone>', { method: 'INVITE', target: 'sip:bob@h;user=phone' }],
    ['<sip:bob@h;method=SUBSCRIBE>', { method: 'SUBSCRIBE', target: 'sip:bob@h' }],
    ['<sip:bob@h?Subject=x>', { method: 'INVITE', target: 'sip:bob@h' }],
    [
      '<sip:bob@h?Replaces=a84b4c76%40atl%3Bto-tag%3D3141%3Bfrom-tag%3D926&Require=replaces>',
      { method: 'INVITE', target: 'sip:bob@h', replaces: REPLACES },
    ],
  ])('%s is read', (value, expected) => {
    expect(parseReferTo(value)).toEqual(expected);
  });

  it.each([
    ['no URI', 'bob'],
    ['a Replaces without tags', '<sip:bob@h?Replaces=abc>'],
    ['a malformed escape', '<sip:bob@h?Replaces=%zz>'],
    [
      'a header smuggled into Replaces',
      '<sip:bob@h?Replaces=a%0D%0AX:1%3Bto-tag%3D1%3Bfrom-tag%3D2>',
    ],
  ])('%s is none', (_, value) => {
    expect(parseReferTo(value)).toBeUndefined();
  });

  it('is written so that it is read back', () => {
    expect(parseReferTo(referToHeader('sip:bob@h', REPLACES))).toEqual({
      ...{ method: 'INVITE', target: 'sip:bob@h', replaces: REPLACES },
    });
    expect(referToHeader('tel:+1555')).toBe('<tel:+1555>');
  });
});

describe('SES-5: Replaces (RFC 3891 §6.1)', () => {
  it('is read in any order of its parameters, and written back', () => {
    expect(parseReplaces('98asjd8@h;from-tag=r33th4x0r;to-tag=ff87ff;early-only')).toEqual({
      ...{ callId: '98asjd8@h', toTag: 'ff87ff', fromTag: 'r33th4x0r', isEarlyOnly: true },
    });
    expect(parseReplaces(replacesHeader(REPLACES))).toEqual(REPLACES);
  });

  it.each(['', 'x', 'x;to-tag=1', ';to-tag=1;from-tag=2', 'x;to-tag;from-tag=2'])(
    '%j names no dialog',
    (value) => {
      expect(parseReplaces(value)).toBeUndefined();
    },
  );
});

describe('SES-5: the news of a REFER (RFC 3515 §2.4.5)', () => {
  it.each([100, 180, 200, 486, 503, 603])('%i is written and read', (status) => {
    expect(statusOfSipfrag(sipfragOf(status))).toBe(status);
  });

  it.each(['', 'INVITE sip:x SIP/2.0', 'SIP/2.0 9 x', 'HTTP/1.1 200 OK'])('%j is none', (body) => {
    expect(statusOfSipfrag(body)).toBeUndefined();
  });
});
