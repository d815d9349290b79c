import { numberPlan } from '@isthmus/shared/store/calling-policy';
import { requestUriOf } from '../../../../../media-node/src/core/call/target.ts';

const dialled = (text: string, plan?: Record<string, unknown>): string => {
  const home = {
    homeDomain: 'ims.example',
    plan: plan && numberPlan.parse(plan),
    shortCodes: new Set(['112', '08', '0123']),
  };
  const target = requestUriOf(text, home);
  return target.ok ? target.value : target.error.code;
};

describe('SES-1: what a user dials', () => {
  it.each([
    ['echo', 'sip:echo@ims.example'],
    [' 5550001 ', 'sip:5550001@ims.example'],
    ['555-0001', 'sip:5550001@ims.example'],
    ['+49 (30) 555-0001', 'tel:+49305550001'],
    ['+49 (0)30 5550001', 'tel:+49305550001'],
    ['*21#', 'sip:*21%23@ims.example'],
    ['tel:+15550001', 'tel:+15550001'],
    ['tel:+1-555-0001;isub=7', 'tel:+15550001;isub=7'],
    ['TEL:+15550001', 'tel:+15550001'],
    ['sip:bob@ims.example', 'sip:bob@ims.example'],
    ['sip:bob@ims.example:5070;transport=tcp', 'sip:bob@ims.example:5070;transport=tcp'],
    ['bob@other.example', 'sip:bob@other.example'],
    ['sip:bob@[2001:db8::1]', 'sip:bob@[2001:db8::1]'],
    ['sip:+15550001@ims.example;user=phone', 'sip:+15550001@ims.example;user=phone'],
    // What another Isthmus sends a caller to (RFC 4458).
    [
      'sip:box@ims.example;target=sip:al%40ims.example%3Buser%3Dphone;cause=486',
      'sip:box@ims.example;target=sip:al%40ims.example%3Buser%3Dphone;cause=486',
    ],
    ['urn:service:sos.fire', 'urn:service:sos.fire'],
  ])('%s becomes %s', (text, uri) => {
    expect(dialled(text)).toBe(uri);
  });

  it.each([
    ['', 'nothing'],
    ['bob smith', 'a space'],
    ['sip:bob@x\r\nP-Asserted-Identity: <sip:ceo@x>', 'a header of its own'],
    ['tel:+1555;ext=1\r\nX: y', 'a header of its own'],
    ['<sip:bob@x>', 'brackets'],
    ['javascript:alert(1)', 'another scheme'],
    ['urn:service:counseling', 'a service nobody has here'],
    ['sip:@x', 'no user'],
    ['+1234567890123456', 'more digits than E.164 has'],
    ['+12', 'too few digits'],
    ['tel:()', 'no digit'],
  ])('%j is refused: %s', (text) => {
    expect(dialled(text)).toBe('call.bad-target');
  });
});

const GERMANY = { countryCode: '49' };
const AMERICA = {
  countryCode: '1',
  internationalPrefix: '011',
  trunkPrefix: '1',
  nationalDigits: 10,
};

describe('RFC 3966, 3GPP TS 24.229 §5.1.2A.1.5 – numbers by the plan of a tenant', () => {
  it.each([
    ['0049 30 5550001', GERMANY, 'tel:+49305550001'],
    ['030 555 0001', GERMANY, 'tel:+49305550001'],
    ['555 0001', GERMANY, 'tel:5550001;phone-context=ims.example'],
    ['tel:0305550001', GERMANY, 'tel:+49305550001'],
    ['tel:5550001;phone-context=+4930', GERMANY, 'tel:5550001;phone-context=+4930'],
    ['112', GERMANY, 'tel:112;phone-context=ims.example'],
    ['0123', GERMANY, 'tel:0123;phone-context=ims.example'],
    ['*21#', GERMANY, 'sip:*21%23;phone-context=ims.example@ims.example;user=dialstring'],
    ['echo', GERMANY, 'sip:echo@ims.example'],
    ['011 49 30 5550001', AMERICA, 'tel:+49305550001'],
    ['1 (650) 555-1234', AMERICA, 'tel:+16505551234'],
    ['650 555 1234', AMERICA, 'tel:+16505551234'],
    ['555 1234', AMERICA, 'tel:5551234;phone-context=ims.example'],
    ['0305550001', { ...GERMANY, trunkPrefix: '' }, 'tel:0305550001;phone-context=ims.example'],
    ['030 5550001', { ...GERMANY, globalAs: 'sip' }, 'sip:+49305550001@ims.example;user=phone'],
    [
      '5550001',
      { ...GERMANY, localAs: 'sip', phoneContext: '+4930' },
      'sip:5550001;phone-context=+4930@ims.example;user=phone',
    ],
  ])('%s under %j becomes %s', (text, plan, uri) => {
    expect(dialled(text, plan)).toBe(uri);
  });

  it('a tel URI without a plan gets the home domain as its context', () => {
    expect(dialled('tel:5550001')).toBe('tel:5550001;phone-context=ims.example');
  });

  it('what begins as a number abroad and is none is refused', () => {
    expect(dialled('00 1', GERMANY)).toBe('call.bad-target');
  });
});
