const IPV6_NETWORK_GROUPS = 4;

/**
 * The network log-in attempts are counted for: one IPv4 address, or an IPv6 /64, since whoever
 * holds one address of a /64 holds them all.
 */
export function sourceNetworkOf(address: string): string {
  if (!address.includes(':')) return address;
  const [head = '', tail] = address.toLowerCase().split('::');
  const groups = head.split(':').filter((group) => group !== '');
  const tailGroups = (tail ?? '').split(':').filter((group) => group !== '');
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - groups.length - tailGroups.length);
  const all = [...groups, ...Array.from({ length: zeros }, () => '0'), ...tailGroups];
  return `${all.slice(0, IPV6_NETWORK_GROUPS).join(':')}::/64`;
}
