import { createAddressPolicy } from '../../../../../media-node/src/core/sdp/address-policy.ts';

const production = createAddressPolicy({
  allowLocal: false,
  refusedRanges: ['10.20.0.0/16', 'fd12:3456::/32'],
});
const lab = createAddressPolicy({ allowLocal: true, refusedRanges: [] });

describe('SEC-3: the address policy', () => {
  it.each([
    ['127.0.0.1', false, true],
    ['127.255.0.9', false, true],
    ['::1', false, true],
    ['169.254.7.7', false, true],
    ['fe80::1', false, true],
    ['169.254.169.254', false, false],
    ['169.254.170.2', false, false],
    ['fd00:ec2::254', false, false],
    ['::ffff:169.254.169.254', false, false],
    ['::ffff:127.0.0.1', false, true],
    ['64:ff9b::a9fe:a9fe', false, false],
    ['0.0.0.0', false, false],
    ['::', false, false],
    ['224.0.0.251', false, false],
    ['239.1.1.1', false, false],
    ['255.255.255.255', false, false],
    ['ff02::1', false, false],
    ['10.20.1.1', false, true],
    ['fd12:3456::9', false, true],
    ['10.21.1.1', true, true],
    ['192.168.1.5', true, true],
    ['203.0.113.7', true, true],
    ['2001:db8::1', true, true],
    ['fd12:3457::9', true, true],
  ])('%s: production %s, lab %s', (address, inProduction, inLab) => {
    expect(production(address)).toBe(inProduction);
    expect(lab(address)).toBe(inLab);
  });

  it.each([
    '',
    'localhost',
    'media.example',
    '127.1',
    '2130706433',
    '0x7f.0.0.1',
    '0177.0.0.1',
    '127.0.0.256',
    '1.2.3.4.5',
    ':::1',
    '1::2::3',
    'fe80::1%eth0',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '12345::1',
    '192.0.2.1::',
    '2001:db8:192.0.2.1::',
    '192.0.2.1::1',
  ])('takes no address written as %j', (address) => {
    expect(lab(address)).toBe(false);
  });
});
