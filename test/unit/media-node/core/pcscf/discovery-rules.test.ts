import { servicesOf, usualServices } from '../../../../../media-node/src/core/pcscf/naptr.ts';
import type { NaptrRecord, SrvRecord } from '../../../../../media-node/src/core/pcscf/records.ts';
import { orderSrv } from '../../../../../media-node/src/core/pcscf/srv.ts';
import {
  distinctTargets,
  type Target,
  targetsAt,
} from '../../../../../media-node/src/core/pcscf/targets.ts';

const aNaptr = (record: Partial<NaptrRecord>): NaptrRecord => ({
  ...{ order: 10, preference: 10, flags: 's', service: 'SIP+D2T', regexp: '' },
  replacement: '_sip._tcp.ims.test',
  ...record,
});
const TLS = aNaptr({ preference: 20, service: 'SIPS+D2T', replacement: '_sips._tcp.ims.test' });
const UDP = aNaptr({ preference: 5, service: 'sip+d2u', replacement: '_sip._udp.ims.test' });
const TCP = aNaptr({});

describe('SES-7: NAPTR says by which transport a domain is reached (RFC 3263 §4.1)', () => {
  const transports = (records: readonly NaptrRecord[], allowed = ['tcp', 'tls', 'udp'] as const) =>
    servicesOf(records, allowed).map((it) => it.transport);

  it('in the order of the preferences it names', () => {
    expect(transports([TLS, TCP, UDP])).toEqual(['udp', 'tcp', 'tls']);
  });

  it('and nothing that the tenant does not allow', () => {
    expect(servicesOf([TLS, TCP, UDP], ['tls'])).toEqual([
      { transport: 'tls', kind: 'srv', name: '_sips._tcp.ims.test' },
    ]);
  });

  it('and nothing of a later order once one fits', () => {
    expect(transports([TLS, { ...UDP, order: 11 }, { ...TCP, order: 9, flags: 'x' }])).toEqual([
      'tls',
    ]);
  });

  it.each([
    ['rewrites by an expression', { regexp: '!.*!sip:x!' }],
    ['names nobody', { replacement: '' }],
    ['is of another service', { service: 'E2U+sip' }],
    ['leads to yet another NAPTR', { flags: '' }],
  ])('and nothing by a record that %s', (_what, record) => {
    expect(transports([aNaptr(record)])).toEqual([]);
  });

  it('and with the flag A, by a host without SRV', () => {
    expect(servicesOf([aNaptr({ flags: 'A', replacement: 'p.ims.test' })], ['tcp'])).toEqual([
      { transport: 'tcp', kind: 'host', name: 'p.ims.test' },
    ]);
  });

  it('a domain without any is asked for SRV in the order the tenant prefers', () => {
    expect(usualServices('ims.test', ['tls', 'udp']).map((it) => it.name)).toEqual([
      '_sips._tcp.ims.test',
      '_sip._udp.ims.test',
    ]);
  });
});

describe('SES-7: SRV priorities and weights (RFC 2782)', () => {
  const aSrv = (name: string, priority: number, weight = 0): SrvRecord => ({
    ...{ name, priority, weight, port: 5060 },
  });
  const names = (records: readonly SrvRecord[], chance = 0): readonly string[] =>
    orderSrv(records, () => chance).map((it) => it.name);

  it('the lowest priority comes first', () => {
    expect(names([aSrv('c', 30), aSrv('a', 1), aSrv('b', 2)])).toEqual(['a', 'b', 'c']);
  });

  it.each([
    [0, ['zero', 'light', 'heavy']],
    [0.2, ['light', 'heavy', 'zero']],
    [0.9, ['heavy', 'light', 'zero']],
  ])('of one priority the draw decides: at %s', (chance, order) => {
    const records = [aSrv('heavy', 1, 6), aSrv('zero', 1, 0), aSrv('light', 1, 3)];

    expect(names(records, chance)).toEqual(order);
  });

  it('three quarters of the draws go to three quarters of the weight', () => {
    const records = [aSrv('big', 1, 75), aSrv('small', 1, 25)];
    const firsts = Array.from({ length: 1_000 }, (_, index) => names(records, index / 1_000)[0]);

    const share = firsts.filter((it) => it === 'big').length / 1_000;

    expect(share).toBeCloseTo(0.75, 1);
  });

  it('a service that is decidedly not to be had has no target', () => {
    expect(names([aSrv('.', 0), aSrv('', 0)])).toEqual([]);
  });
});

describe('SES-7: addresses of a P-CSCF', () => {
  const name = {
    ...({ transport: 'tls', port: 5061 } as const),
    identity: { kind: 'domain', name: 'ims.test' } as const,
  };
  const four = { family: 4, address: '192.0.2.1', ttlS: 1 } as const;
  const six = { family: 6, address: '2001:db8::1', ttlS: 1 } as const;

  it('of a family we cannot send from are left out, the preferred come first', () => {
    const addresses = (families: readonly (4 | 6)[]): readonly string[] =>
      targetsAt(name, [four, six], families).map((it) => it.address);

    expect(addresses([4])).toEqual(['192.0.2.1']);
    expect(addresses([6, 4])).toEqual(['2001:db8::1', '192.0.2.1']);
  });

  it('the same one twice is tried once, where it first stands', () => {
    const [a, b] = targetsAt(name, [four, six], [4, 6]) as [Target, Target];

    expect(distinctTargets([a, b, { ...a, routeHost: 'later' }])).toEqual([a, b]);
  });
});
