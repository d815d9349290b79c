import { impu } from '@isthmus/shared/domain/ids';
import { systemClock } from '../../../media-node/src/adapters/time/system-clock.ts';
import type { SipLegEvent } from '../../../media-node/src/ports/sip-leg.ts';
import { aCertificate } from '../../support/memory-certificate.ts';
import { header, ScriptedRegistrar, type Text } from '../../support/scripted-registrar.ts';
import { type Bench, createBench, Heard, silentLog } from '../../support/sip-account-bench.ts';

const REALM = { realm: 'ims.test', username: 'alice@ims.test', password: 'pw:1' };
const CA = { commonName: 'a CA of the test', ...aCertificate('a CA of the test') };
const SERVER = aCertificate('pcscf.ims.test', CA);
const LOOPBACK = { bindAddress: '::1', announcedAddress: '::1' };

describe.each(['tcp', 'udp', 'tls'] as const)('SES-7: IPv6 over %s', (transport) => {
  let far: ScriptedRegistrar;
  let bench: Bench;

  beforeEach(async () => {
    far = new ScriptedRegistrar('::1');
    await (transport === 'tls'
      ? far.startTls({ cert: SERVER.certificatePem, key: SERVER.privateKeyPem })
      : far.start());
    far.serveRegistrations(REALM);
  });
  afterEach(async () => {
    await bench.accounts.close();
    await far.stop();
  });

  const register = async (host = '::1'): Promise<ReturnType<Bench['open']>> => {
    const tls = { caPem: CA.certificatePem, serverName: 'pcscf.ims.test' };
    const opened = bench.open({ access: { transport, tls, pcscf: [{ host, port: far.port }] } });
    opened.account.register();
    await opened.heard.heard('registered');
    return opened;
  };

  it('Via, Contact and Route carry the address in brackets, and a call goes both ways', async () => {
    bench = createBench(systemClock, '::1');
    const { account, heard } = await register();
    const contact = header(far.received[0] as Text, 'Contact');
    const legHeard = new Heard<SipLegEvent>();
    account.invite(
      { identity: impu('sip:alice@ims.test'), target: 'sip:bob@ims.test', sdp: 'v=0\r\n' },
      legHeard.hear,
    );
    const invite = await far.next('INVITE');
    far.reply(invite, 486);
    await legHeard.heard('sip-rejected');
    far.request('INVITE', {
      uri: /<([^>]+)>/.exec(contact)?.[1] ?? '',
      headers: [
        ...['From: <sip:bob@ims.test>;tag=1', 'To: <sip:alice@ims.test>', 'Call-ID: six'],
        ...['CSeq: 1 INVITE', 'Contact: <sip:far@[::1]>'],
      ],
      body: 'v=0\r\n',
    });
    const { invite: incoming } = await heard.heard('incoming');

    expect(header(far.received[0] as Text, 'Via')).toMatch(/^SIP\/2\.0\/\w+ \[::1\]:\d+;/);
    expect(contact).toMatch(/@\[::1\]:\d+[;>]/);
    expect(header(invite, 'Route')).toContain(`<sip:[::1]:${String(far.port)}`);
    expect(incoming.from.uri).toBe('sip:bob@ims.test');
  });

  it('a node of IPv4 has an address of its own for a P-CSCF of IPv6', async () => {
    bench = createBench(systemClock, '127.0.0.1', silentLog, { other: LOOPBACK });

    await register();

    expect(header(far.received[0] as Text, 'Via')).toContain(' [::1]:');
  });

  it('the address may be written in any of its forms', async () => {
    bench = createBench(systemClock, '::1');

    await register('0:0:0:0:0:0:0:1');

    expect(far.received).toHaveLength(2);
  });
});
