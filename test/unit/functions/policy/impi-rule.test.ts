import { impu } from '@isthmus/shared/domain/ids';
import { impiOf, impuOf } from '../../../../functions/src/policy/impi-rule.ts';

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
