import {
  BULK_HEADERS,
  bulkContactUri,
  bulkGruu,
  bulkIdentity,
  bulkMarkOf,
  bulkVerdict,
  isOwnBulk,
} from '../../media-node/src/core/registration/bulk.ts';
import { parseNameAddr } from '../../media-node/src/core/sip/name-addr.ts';
import { parseUri } from '../../media-node/src/core/sip/uri.ts';

const OURS = 'sip:token@198.51.100.3:5070;transport=tcp';
const place = { contactUri: OURS, homeDomain: 'ssp.example.com' };

describe('REG-1: RFC 6140 §5.1, the request', () => {
  it('demands gin of the registrar and of every proxy on the way', () => {
    expect(BULK_HEADERS).toEqual(['Require: gin', 'Proxy-Require: gin']);
  });

  it('has a Contact with bnc, without a user part, and with all else as it was', () => {
    expect(bulkContactUri(OURS)).toBe('sip:198.51.100.3:5070;transport=tcp;bnc');
    expect(bulkContactUri('sip:t@[2001:db8::3]:5060')).toBe('sip:[2001:db8::3]:5060;bnc');
  });
});

describe('REG-1: RFC 6140 §5.2, the answer', () => {
  it.each([
    ['<sip:198.51.100.3:5070;transport=tcp;bnc>;expires=7200', true],
    ['<sip:198.51.100.3:5070;bnc>', true],
    ['<sip:198.51.100.3:5070;transport=tcp>;expires=7200', false],
    ['<sip:token@198.51.100.3:5070;transport=tcp;bnc>', false],
    ['<sip:198.51.100.4:5070;bnc>', false],
    ['<sip:198.51.100.3:5071;bnc>', false],
    ['<sip:198.51.100.3:5070>;bnc', false],
  ])('%s is our bulk contact: %s', (contact, expected) => {
    expect(isOwnBulk(parseNameAddr(contact), OURS)).toBe(expected);
  });

  it.each([
    ['try', 200, true, 'as-it-is'],
    ['require', 200, true, 'as-it-is'],
    ['try', 200, false, 'withdraw-then-plain'],
    ['require', 200, false, 'withdraw-then-refuse'],
    ['try', 420, false, 'plain-now'],
    ['require', 420, false, 'as-it-is'],
    ['try', 400, false, 'plain-now'],
    ['try', 401, false, 'as-it-is'],
    ['try', 403, false, 'as-it-is'],
    ['try', 439, false, 'as-it-is'],
    ['try', 503, false, 'as-it-is'],
    ['off', 200, false, 'as-it-is'],
    ['off', 420, false, 'as-it-is'],
  ] as const)('%s, %i, granted: %s → %s', (mode, status, isGranted, verdict) => {
    expect(bulkVerdict(mode, { status, isGranted, isFarewell: false })).toBe(verdict);
  });

  it('to a de-registration names no contact, and that is right', () => {
    const farewell = { status: 200, isGranted: false, isFarewell: true };
    expect(bulkVerdict('require', farewell)).toBe('as-it-is');
  });
});

describe('REG-1: RFC 6140 §5.3, a request to a number', () => {
  it.each([
    ['sip:+12145550102@198.51.100.3:5070;transport=tcp', 'sip:+12145550102@ssp.example.com'],
    ['sip:+12145550102@198.51.100.3:5070', 'sip:+12145550102@ssp.example.com'],
    ['sip:+12145550102@198.51.100.3', 'sip:+12145550102@198.51.100.3'],
    ['sip:198.51.100.3:5070;bnc', 'sip:198.51.100.3:5070;bnc'],
    ['sip:anna@ssp.example.com', 'sip:anna@ssp.example.com'],
    ['tel:+12145550102', 'tel:+12145550102'],
    ['nonsense', 'nonsense'],
  ])('%s is for %s', (called, identity) => {
    expect(bulkIdentity(called, place)).toBe(identity);
  });
});

describe('REG-1: RFC 6140 §7.1.1, public GRUUs', () => {
  const gruu = 'sip:ssp.example.com;bnc;gr=urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6';

  it('are made of that of the block for each number, with a mark that comes back', () => {
    const own = bulkGruu(gruu, 'sip:+12145550102@ssp.example.com', 'our-mark') ?? '';

    expect(own).toBe(
      'sip:+12145550102@ssp.example.com;gr=urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6;sg=our-mark',
    );
    const uri = parseUri(own);
    expect(uri && bulkMarkOf(uri)).toBe('our-mark');
  });

  it('are none without `gr`, or without a number', () => {
    expect(bulkGruu('sip:ssp.example.com;bnc', 'sip:+1@d', 'm')).toBeUndefined();
    expect(bulkGruu(gruu, 'sip:d', 'm')).toBeUndefined();
    expect(bulkGruu('nonsense', 'sip:+1@d', 'm')).toBeUndefined();
  });
});
