import {
  isHiddenName,
  readCandidate,
  writeHostCandidate,
  writePassiveCandidate,
} from '../../../../../media-node/src/core/sdp/candidate.ts';

describe('MED-5: a candidate line', () => {
  it.each([
    ['candidate:1 1 udp 2122194687 192.0.2.2 39001 typ host generation 0 ufrag DOU4', 'host'],
    ['a=candidate:1 1 UDP 16 203.0.113.1 1 typ srflx raddr 10.0.0.1 rport 9', 'srflx'],
    ['candidate:1 1 udp 16 2001:db8::1 65535 typ relay raddr ::1 rport 9', 'relay'],
  ])('is read: %s', (line, type) => {
    expect(readCandidate(line)?.type).toBe(type);
  });

  it.each([
    '',
    'candidate:1 1 tcp 16 192.0.2.2 9 typ host tcptype active',
    'candidate:1 2 udp 16 192.0.2.2 5000 typ host',
    'candidate:1 1 udp 16 192.0.2.2 0 typ host',
    'candidate:1 1 udp 16 192.0.2.2 65536 typ host',
    'candidate:1 1 udp 16 192.0.2.2 5000 typ prflx',
    'candidate:1 1 udp 16 192.0.2.2 5000 typ hostile',
    'candidate:1 1 udp x 192.0.2.2 5000 typ host',
  ])('is passed over: %s', (line) => {
    expect(readCandidate(line)).toBeUndefined();
  });

  it.each([
    ['3f2b-4c1d.local', true],
    ['3F2B.LOCAL', true],
    ['192.0.2.2', false],
  ])('at %s hides its address: %s', (address, hides) => {
    const candidate = readCandidate(`candidate:1 1 udp 16 ${address} 5000 typ host`);

    expect(candidate && isHiddenName(candidate)).toBe(hides);
  });

  it('of ours for TCP waits to be connected to, and is worth less than that of UDP', () => {
    const [byUdp, byTcp] = [writeHostCandidate, writePassiveCandidate].map((write) =>
      write('2001:db8::1', 5000).split(' '),
    );

    expect(byTcp?.join(' ')).toBe(
      'candidate:2 1 tcp 1520435199 2001:db8::1 5000 typ host tcptype passive',
    );
    // RFC 6544 §4.2: type, then direction 4 in the upper bits of the local preference, component 1.
    const local = (4 << 13) | 8191;
    expect(Number(byTcp?.[3])).toBe(90 * 2 ** 24 + local * 2 ** 8 + 255);
    expect(Number(byTcp?.[3])).toBeLessThan(Number(byUdp?.[3]));
  });

  it('of ours is one', () => {
    expect(readCandidate(writeHostCandidate('192.0.2.1', 5000))).toMatchObject({
      address: '192.0.2.1',
      port: 5000,
    });
  });
});
