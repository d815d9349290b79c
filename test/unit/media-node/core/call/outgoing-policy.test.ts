import { type CallingPolicy, callingPolicy } from '@isthmus/shared/store/calling-policy';
import fc from 'fast-check';
import {
  type AskedCall,
  allowCall,
  redirectTarget,
} from '../../../../../media-node/src/core/call/outgoing-policy.ts';
import { IMS_EXAMPLE } from '../../../../support/a-tenant.ts';

type Settings = Parameters<typeof callingPolicy.parse>[0];
const allow = (asked: string | AskedCall, settings: Settings = {}) => {
  const calling: CallingPolicy = callingPolicy.parse(settings);
  return allowCall(typeof asked === 'string' ? { target: asked } : asked, {
    calling,
    ims: IMS_EXAMPLE,
  });
};
const outcome = (asked: string | AskedCall, settings: Settings = {}): string => {
  const allowed = allow(asked, settings);
  return allowed.ok ? allowed.value.target : allowed.error.code;
};
const GERMANY = { numbers: { countryCode: '49' } };

describe('SES-6: an emergency number', () => {
  const WAYS = [
    ...['112', '911', '999', '000', '08', '1-1-2', 'tel:112', 'tel:112;phone-context=+49'],
    ...['tel:1.1.2', 'sip:112@ims.example', 'SIP:112@IMS.example', 'sips:112@ims.example.'],
    ...['sip:%31%312@ims.example', 'sip:112;phone-context=x@ims.example;user=phone'],
    ...['sip:112@geo-local.ims.example', 'sip:112@other.example;user=phone', 'sip:112@192.0.2.1'],
    ...['112@ims.example', 'urn:service:sos', 'URN:service:SOS.police'],
  ];

  it.each(WAYS)('written as %s is refused unless the operator says otherwise', (target) => {
    expect(outcome(target)).toBe('call.emergency-refused');
  });

  it.each(['+49112', '0049112', '0112', '08', '000'])('%s is one under a German plan', (target) => {
    expect(outcome(target, GERMANY)).toBe('call.emergency-refused');
  });

  it.each([
    ['110', { emergency: { numbers: ['144'] } }, 'sip:110@ims.example'],
    ['144', { emergency: { numbers: ['144'] } }, 'call.emergency-refused'],
    ['112', { emergency: { numbers: [] } }, 'call.emergency-refused'],
    ['112', { emergency: { handling: 'as-dialled' } }, 'sip:112@ims.example'],
    [
      '08',
      { ...GERMANY, emergency: { handling: 'as-dialled' } },
      'tel:08;phone-context=ims.example',
    ],
    ['112', { emergency: { handling: 'as-service-urn' } }, 'urn:service:sos'],
    ['urn:service:sos.fire', { emergency: { handling: 'as-service-urn' } }, 'urn:service:sos.fire'],
  ] as const)('%s under %j: %s', (target, settings, expected) => {
    expect(outcome(target, settings as Settings)).toBe(expected);
  });

  it.each(['1122', '+49301123', 'sip:112@pbx.other.example', 'sos'])('%s is none', (target) => {
    expect(outcome(target, GERMANY)).not.toBe('call.emergency-refused');
  });

  it('is neither barred nor hidden nor dressed by the caller', () => {
    const asked = { target: '112', privacy: true, headers: { 'X-Ticket': '7' } };
    const allowed = allow(asked, {
      emergency: { handling: 'as-dialled' },
      destinations: { rules: [], otherwise: 'deny' },
      headers: ['X-Ticket'],
    });

    expect(allowed).toEqual({
      ok: true,
      value: { target: 'sip:112@ims.example', isEmergency: true },
    });
  });
});

describe('SES-6: where the users of a tenant may call', () => {
  const premium = {
    ...GERMANY,
    destinations: {
      rules: [
        { action: 'allow', number: '+4990012' },
        { action: 'deny', number: '0900' },
        { action: 'deny', number: '+882' },
        { action: 'deny', domain: 'bad.example' },
      ],
    },
  };

  it.each([
    ...['0900 5550001', '+49 900 5550001', '00499005550001', 'tel:09005550001'],
    ...['tel:+49-900-5550001', 'sip:09005550001@ims.example', 'sip:+499005550001@ims.example'],
    ...['sip:%2B499005550001@ims.example;user=phone', 'sip:+499005550001@any.example'],
    ...['sip:+49900(0)125@ims.example', 'tel:+49900(0)125'],
    ...['00882123456', 'sip:bob@bad.example', 'sip:bob@deep.BAD.example.', 'bob@bad.example'],
  ])('%s is barred', (target) => {
    expect(outcome(target, premium)).toBe('call.destination-barred');
  });

  it.each(['0900 12 345', '030 5550001', 'echo', 'sip:bob@notbad.example', '5550001'])(
    '%s is not',
    (target) => {
      expect(outcome(target, premium)).toMatch(/^(sip|tel):/);
    },
  );

  it('a list of what is allowed bars everything else, names of the home domain too', () => {
    const settings = {
      destinations: {
        rules: [{ action: 'allow', domain: 'ims.example' }],
        otherwise: 'deny',
      },
    };

    expect(outcome('echo', settings)).toBe('sip:echo@ims.example');
    expect(outcome('+4930123', settings)).toBe('call.destination-barred');
    expect(outcome('sip:bob@other.example', settings)).toBe('call.destination-barred');
  });

  it('no way of writing a barred number gets through', () => {
    const written = fc
      .tuple(
        fc.constantFrom('+49900', '0900', '0049900'),
        fc.stringMatching(/^[0-9]{3,6}$/),
        fc.array(fc.constantFrom('', '-', '.', '()'), { minLength: 20, maxLength: 20 }),
        fc.constantFrom(
          (it: string) => it,
          (it: string) => `tel:${it}`,
          (it: string) => `sip:${it}@ims.example`,
          (it: string) => `sip:${it};npdi@IMS.EXAMPLE:5060`,
          (it: string) => `sip:${it.replaceAll('9', '%39')}@ims.example;user=phone`,
        ),
      )
      .filter(([, rest]) => !rest.startsWith('12'))
      .map(([prefix, rest, separators, form]) =>
        form(
          Array.from(`${prefix}${rest}`, (digit, at) => digit + (separators[at] ?? '')).join(''),
        ),
      );

    fc.assert(
      fc.property(written, (target) => {
        expect(outcome(target, premium)).toMatch(/^call\.(destination-barred|bad-target)$/);
      }),
    );
  });
});

describe('SES-6: what a call may carry besides', () => {
  it('privacy is the caller’s to ask for, the access network the tenant’s to name', () => {
    const allowed = allow(
      { target: 'echo', privacy: false },
      { accessNetworkInfo: 'IEEE-802.11;i-wlan-node-id=ffff' },
    );

    expect(allowed).toMatchObject({
      value: { privacy: false, accessNetworkInfo: 'IEEE-802.11;i-wlan-node-id=ffff' },
    });
  });

  it('a header the tenant does not list refuses the call', () => {
    const asked = { target: 'echo', headers: { 'X-Other': '1' } };

    expect(outcome(asked, { headers: ['X-Ticket'] })).toBe('call.header-refused');
    expect(outcome(asked)).toBe('call.header-refused');
  });
});

describe('SES-4: where a callee’s network may send a call', () => {
  const calling: CallingPolicy = callingPolicy.parse({
    ...GERMANY,
    destinations: { rules: [{ action: 'deny', number: '+900' }] },
    emergency: { handling: 'as-service-urn' },
  });
  const tenant = { calling, ims: IMS_EXAMPLE };

  it.each([
    ['sip:bob@ims.example', 'sip:bob@ims.example'],
    ['tel:+900123456', undefined],
    ['tel:112', undefined],
    ['urn:service:sos', undefined],
  ])('%s → %p', (contact, target) => {
    expect(redirectTarget(contact, tenant)).toBe(target);
  });
});
