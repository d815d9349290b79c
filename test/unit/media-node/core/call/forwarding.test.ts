import { impu } from '@isthmus/shared/domain/ids';
import type { CallingPolicy } from '@isthmus/shared/store/calling-policy';
import { forwardedTo } from '../../../../../media-node/src/core/call/forwarding.ts';
import { IMS_EXAMPLE } from '../../../../support/a-tenant.ts';

const called = impu('sip:+4930555@ims.example');
const BOX = '+4930123400';
const targets = { whenOffline: BOX, whenBusy: BOX, whenUnanswered: BOX };
const rulesOf = (calling?: CallingPolicy) => ({ calling, ims: IMS_EXAMPLE });
const to = (whenBusy: string, calling?: CallingPolicy) =>
  forwardedTo('busy', { whenBusy }, { called, rules: rulesOf(calling) })?.contact;
const MAILBOX = ';target=sip:+4930555%40ims.example';

describe('SES-5: a call that its user does not take (3GPP TS 24.604, RFC 4458)', () => {
  it.each([
    ['unavailable', 404, 'unavailable'],
    ['busy', 486, 'user-busy'],
    ['no-answer', 408, 'no-answer'],
  ] as const)('because of %s goes where that goes, cause %i, %s', (cause, code, reason) => {
    expect(forwardedTo(cause, targets, { called, rules: rulesOf() })).toEqual({
      contact: `sip:+4930123400@ims.example;user=phone${MAILBOX};cause=${String(code)}`,
      diversion: `<${called}>;reason=${reason};counter=1`,
    });
    expect(forwardedTo(cause, {}, { called, rules: rulesOf() })).toBeUndefined();
  });

  it.each(['declined', 'not-acceptable', 'network-failure', 'cancelled'] as const)(
    'because of %s goes nowhere',
    (cause) => {
      expect(forwardedTo(cause, targets, { called, rules: rulesOf() })).toBeUndefined();
    },
  );

  it('goes to an address as it is, with our cause and no other', () => {
    expect(to('sip:box@mail.example;cause=302')).toBe(`sip:box@mail.example${MAILBOX};cause=486`);
    expect(to('box')).toBe(`sip:box@ims.example${MAILBOX};cause=486`);
  });

  it('goes to a local number in its context (RFC 3261 §19.1.6)', () => {
    expect(to('tel:7042;phone-context=ims.example')).toBe(
      `sip:7042;phone-context=ims.example@ims.example;user=phone${MAILBOX};cause=486`,
    );
  });

  it('names whose mailbox it is, by an address that fits into a parameter (RFC 4458 §2.1)', () => {
    const rules = rulesOf();
    const of = (called: string) =>
      forwardedTo('busy', { whenBusy: 'box' }, { called, rules })?.contact;

    expect(of('tel:+4930555')).toBe(
      'sip:box@ims.example;target=sip:+4930555%40ims.example%3Buser%3Dphone;cause=486',
    );
    expect(of('sip:a?b@ims.example')).toContain(';target=sip:a%3Fb%40ims.example;');
    expect(to('sip:box@mail.example;target=sales')).toBe(
      'sip:box@mail.example;target=sales;cause=486',
    );
  });

  it('never goes to an emergency centre, not even where such calls are taken', () => {
    expect(to('112')).toBeUndefined();
    expect(to('112', { emergency: { handling: 'as-dialled' } })).toBeUndefined();
    expect(to('urn:service:sos')).toBeUndefined();
  });

  it('does not go where the tenant has barred calls since', () => {
    const rules = [{ action: 'deny' as const, number: '+4930' }];
    expect(to(BOX, { destinations: { rules, otherwise: 'allow' } })).toBeUndefined();
  });

  it('does not go back to its user, however the identity is written', () => {
    expect(to('+4930555')).toBeUndefined();
    expect(to('SIP:+4930555@IMS.example;user=phone')).toBeUndefined();
  });
});
