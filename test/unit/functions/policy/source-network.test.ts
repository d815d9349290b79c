import { sourceNetworkOf } from '../../../../functions/src/policy/source-network.ts';

describe('SEC-1: the network attempts are counted for', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:DB8:1:2::9', '2001:db8:1:2::/64'],
    ['2001:db8::9', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1:2:3:4', 'fe80:0:0:0::/64'],
  ])('%s is %s', (address, network) => {
    expect(sourceNetworkOf(address)).toBe(network);
  });
});
