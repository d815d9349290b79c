import { impu } from '@isthmus/shared/domain/ids';
import { faultOfImpiRule, impiOf, impuOf } from '../../../../functions/src/policy/impi-rule.ts';

describe('REG-2: a public identity as typed', () => {
  it.each([
    ['sip:alice@ims.example', 'sip:alice@ims.example'],
    ['alice@ims.example', 'sip:alice@ims.example'],
    ['SIP:Alice@IMS.Example', 'sip:Alice@ims.example'],
    ['  +4930123@ims.example ', 'sip:+4930123@ims.example'],
    ['alice', undefined],
    ['', undefined],
    ['alice@', undefined],
    ['@ims.example', undefined],
    ['sip:alice@ims.example;user=phone', undefined],
    ['sip:alice@ims.example?Route=x', undefined],
    ['sip:alice:pw@ims.example', undefined],
    ['sips:alice@ims.example', undefined],
    ['tel:+4930123', undefined],
    ['a b@ims.example', undefined],
    ['alice@ims.example\r\nVia: x', undefined],
  ])('%j is %j', (typed, canonical) => {
    expect(impuOf(typed)).toBe(canonical);
  });
});

describe('REG-2: the private identity', () => {
  it.each([
    [undefined, 'alice@ims.example'],
    ['{user}@{domain}', 'alice@ims.example'],
    ['{user}@private.example', 'alice@private.example'],
    ['{user}', 'alice'],
    ['{domain}/{user}/{user}', 'ims.example/alice/alice'],
  ])('by the rule %j is %j', (rule, expected) => {
    expect(impiOf(impu('sip:alice@ims.example'), rule)).toBe(expected);
  });
});

describe('REG-2: a rule for private identities', () => {
  it.each(['{user}@{domain}', '{user}@private.example', 'ims-{user}@{domain}', 'web.{user}@d'])(
    '%j registers people',
    (rule) => {
      expect(faultOfImpiRule(rule)).toBeUndefined();
    },
  );

  it.each([
    ['', '{user} is missing'],
    ['pbx@{domain}', '{user} is missing'],
    ['{user}@{realm}', 'it knows {user} and {domain} alone'],
    ['{user}', 'alice is no private identity: user@realm'],
    ['{user}@', 'alice@ is no private identity: user@realm'],
    ['sip:{user}@{domain}', 'sip:alice@ims.example is no private identity: user@realm'],
    ['"{user}"@{domain}', '"alice"@ims.example is no private identity: user@realm'],
    ['{user}@{domain}\r\nX: y', 'alice@ims.example\r\nX: y is no private identity: user@realm'],
    ['{domain}/{user}', 'ims.example/alice is no private identity: user@realm'],
  ])('%j is wrong: %s', (rule, fault) => {
    expect(faultOfImpiRule(rule)).toBe(fault);
  });
});
