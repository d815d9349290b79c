import type { ImsAccess } from '@isthmus/shared/store/ims-access';
import { systemClock } from '../../../media-node/src/adapters/time/system-clock.ts';
import { type DnsRecord, DnsServer } from '../../support/dns-server.ts';
import { aCertificate } from '../../support/memory-certificate.ts';
import { header, ScriptedRegistrar, type Text } from '../../support/scripted-registrar.ts';
import { type Bench, createBench, Heard, silentLog } from '../../support/sip-account-bench.ts';

const REALM = { realm: 'ims.test', username: 'alice@ims.test', password: 'pw:1' };
const CA = { commonName: 'a CA of the test', ...aCertificate('a CA of the test') };

const srv = (target: string, port: number, priority = 1): DnsRecord => ({
  ...{ type: 'SRV', priority, weight: 0, port, target },
});
const naptr = (service: string, replacement: string, preference = 1): DnsRecord => ({
  ...{ type: 'NAPTR', order: 1, preference, flags: 's', service, replacement },
});
const at = (address: string): readonly DnsRecord[] => [{ type: 'A', address }];

describe('SES-7: a P-CSCF found by the name of its domain alone (RFC 3263)', () => {
  let first: ScriptedRegistrar;
  let second: ScriptedRegistrar;
  let dns: DnsServer;
  let bench: Bench;
  let warned: Heard<{ readonly kind: string }>;

  beforeEach(async () => {
    first = await new ScriptedRegistrar('127.0.44.1').start();
    second = await new ScriptedRegistrar('127.0.44.2').start();
    for (const far of [first, second]) far.serveRegistrations(REALM);
    dns = await DnsServer.start({
      'p1.ims.test': at(first.address),
      'p2.ims.test': at(second.address),
    });
    warned = new Heard();
    const warn = (kind: string): void => {
      warned.hear({ kind });
    };
    bench = createBench(
      systemClock,
      '127.0.0.1',
      { ...silentLog, warn },
      { dnsServers: [dns.address] },
    );
  });
  afterEach(async () => {
    await bench.accounts.close();
    await Promise.all([first.stop(), second.stop(), dns.stop()]);
  });

  const know = (records: Readonly<Record<string, readonly DnsRecord[]>>): void => {
    dns.zone = { ...dns.zone, ...records };
  };
  const register = (access: Partial<ImsAccess> = {}): ReturnType<Bench['open']> => {
    const opened = bench.open({ access: { pcscf: [{ host: 'ims.test' }], ...access } });
    opened.account.register();
    return opened;
  };
  const viaOf = (far: ScriptedRegistrar): string => header(far.received[0] as Text, 'Via');

  it('NAPTR chooses the transport, SRV host and port', async () => {
    know({
      'ims.test': [naptr('SIP+D2U', '_u.ims.test', 1), naptr('SIP+D2T', '_t.ims.test', 2)],
      '_u.ims.test': [srv('p1.ims.test', first.port)],
      '_t.ims.test': [srv('p2.ims.test', second.port)],
    });

    await register({ transports: ['tcp', 'udp'] }).heard.heard('registered');

    expect(viaOf(first)).toMatch(/^SIP\/2\.0\/UDP /);
    expect(header(first.received[0] as Text, 'Contact')).not.toContain('transport');
    expect(second.received).toEqual([]);
  });

  it('and a transport the tenant does not allow is not chosen', async () => {
    know({
      'ims.test': [naptr('SIP+D2U', '_u.ims.test', 1), naptr('SIP+D2T', '_t.ims.test', 2)],
      '_u.ims.test': [srv('p1.ims.test', first.port)],
      '_t.ims.test': [srv('p2.ims.test', second.port)],
    });

    await register({ transport: 'tcp' }).heard.heard('registered');

    expect(viaOf(second)).toMatch(/^SIP\/2\.0\/TCP /);
    expect(dns.asked).not.toContain('SRV _u.ims.test');
  });

  it('without NAPTR the SRV records of the transport are asked for', async () => {
    know({ '_sip._tcp.ims.test': [srv('p1.ims.test', first.port)] });

    await register().heard.heard('registered');

    expect(first.received).not.toEqual([]);
  });

  it('a host with a port is only looked up', async () => {
    await register({ pcscf: [{ host: 'p2.ims.test', port: second.port }] }).heard.heard(
      'registered',
    );

    expect([...dns.asked].sort()).toEqual(['A p2.ims.test', 'AAAA p2.ims.test']);
  });

  it('where the first does not answer, the next in the order of SRV is taken', async () => {
    know({
      '_sip._tcp.ims.test': [srv('p2.ims.test', second.port, 2), srv('p1.ims.test', first.port, 1)],
    });
    await first.refuseTcp();

    await register().heard.heard('registered');

    expect(second.received).not.toEqual([]);
  });

  it('where the one in use goes away, the next takes over', async () => {
    know({
      '_sip._tcp.ims.test': [srv('p1.ims.test', first.port, 1), srv('p2.ims.test', second.port, 2)],
    });
    const { heard } = register();
    await heard.heard('registered');

    const again = heard.next('registered');
    await first.refuseTcp();
    await again;

    expect(heard.kinds).toEqual(['registered', 'lost', 'registered']);
    expect(second.received).not.toEqual([]);
  });

  it('REG-8: 3GPP TS 24.229 §5.1.1.2.1 – one that says 305 is left, and who they are is asked anew', async () => {
    know({ '_sip._tcp.ims.test': [srv('p1.ims.test', first.port)] });
    first.on('REGISTER', (request) => {
      know({ '_sip._tcp.ims.test': [srv('p2.ims.test', second.port)] });
      // What its Contact says is to be ignored (item a).
      const contact = `Contact: <sip:${first.address}:${String(first.port)}>`;
      first.reply(request, 305, { reason: 'Use Proxy', headers: [contact] });
    });

    const { heard } = register();
    await heard.heard('registered');

    expect(first.received.map(({ kind }) => kind)).toEqual(['REGISTER']);
    expect(header(second.received[0] as Text, 'Expires')).toBe('600000');
    expect(heard.kinds).toEqual(['registered']);
  });

  it('a DNS that fails is asked again, and others are not held up by it', async () => {
    know({ '_sip._tcp.ims.test': [srv('p1.ims.test', first.port)] });
    dns.silent = (name) => name.endsWith('ims.test') && !name.startsWith('p2.');
    const { heard } = register();
    const other = register({ pcscf: [{ host: 'p2.ims.test', port: second.port }] });

    await other.heard.heard('registered');
    expect(heard.kinds).toEqual([]);
    dns.silent = () => false;

    await heard.heard('registered', 20_000);
  }, 30_000);

  it('addresses are looked up again when their time is over', async () => {
    dns.ttlS = 0;
    const { heard } = register({ pcscf: [{ host: 'p1.ims.test', port: first.port }] });
    await heard.heard('registered');
    know({ 'p1.ims.test': at(second.address) });
    await second.stop();
    await second.start(first.port);
    const moved = heard.next('registered', 15_000);

    await first.refuseTcp();
    await moved;

    expect(second.received).not.toEqual([]);
  }, 20_000);

  it.each([
    ['registers where its certificate is of the domain', 'URI', 'sip:ims.test', true],
    ['sends nothing where it is only of the host that SRV named', 'DNS', 'p1.ims.test', false],
  ] as const)('RFC 5922: over TLS it %s', async (_what, kind, name, isTrusted) => {
    const server = aCertificate('p1.ims.test', CA, [[kind, name]]);
    const secure = await new ScriptedRegistrar('127.0.44.3').startTls({
      ...{ cert: server.certificatePem, key: server.privateKeyPem },
    });
    secure.serveRegistrations(REALM);
    know({
      '_sips._tcp.ims.test': [srv('p3.ims.test', secure.port)],
      'p3.ims.test': at('127.0.44.3'),
    });
    const { heard } = register({ transport: 'tls', tls: { caPem: CA.certificatePem } });
    await (isTrusted ? heard.heard('registered') : warned.heard('P-CSCF not trusted'));

    expect(secure.received.length > 0).toBe(isTrusted);
    await secure.stop();
  });
});
