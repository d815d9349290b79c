import { impi, impu, tenantId } from '@isthmus/shared/domain/ids';
import { Secret } from '@isthmus/shared/domain/secret';
import { header, ScriptedRegistrar, type Text } from '../../support/scripted-registrar.ts';
import { type Bench, createBench } from '../../support/sip-account-bench.ts';

const SDP = 'v=0\r\n';

describe('SES-7: many users on one flow', () => {
  let far: ScriptedRegistrar;
  let bench: Bench;

  beforeEach(async () => {
    far = await new ScriptedRegistrar('127.0.45.1').start();
    bench = createBench();
    far.on('REGISTER', (request) => {
      far.reply(request, 200, { headers: [`Contact: ${header(request, 'Contact')};expires=600`] });
    });
  });
  afterEach(async () => {
    await bench.accounts.close();
    await far.stop();
  });

  const open = async (impu: string, transport: 'tcp' | 'udp' = 'tcp') => {
    const pcscf = [{ host: far.address, port: far.port }];
    const opened = bench.open({ impu, access: { transport, pcscf } });
    opened.account.register();
    await opened.heard.heard('registered');
    const request = far.received.findLast((it) => it.kind === 'REGISTER') as Text;
    return { ...opened, contact: /<([^>]+)>/.exec(header(request, 'Contact'))?.[1] ?? '' };
  };
  const inviteTo = (uri: string, callId: string, branch = callId): void => {
    far.request('INVITE', {
      uri,
      headers: [
        `Via: SIP/2.0/TCP ${far.address}:${String(far.port)};branch=z9hG4bK${branch}`,
        ...['From: <sip:far@ims.test>;tag=1', 'To: <sip:someone@ims.test>', `Call-ID: ${callId}`],
        ...['CSeq: 1 INVITE', 'Contact: <sip:far@192.0.2.2>'],
      ],
      body: SDP,
    });
  };

  it('each hears its own INVITE, though all else in it is the same', async () => {
    const alice = await open('sip:alice@ims.test');
    const bob = await open('sip:bob@ims.test');

    inviteTo(bob.contact, 'same', 'same');
    await bob.heard.heard('incoming');
    expect(alice.heard.kinds).toEqual(['registered']);
    inviteTo(alice.contact, 'same', 'same');
    await alice.heard.heard('incoming');

    expect(far.connectionCount).toBe(1);
    expect(bob.heard.kinds).toEqual(['registered', 'incoming']);
  });

  it('an identity as Request-URI finds its user, and nobody else', async () => {
    const alice = await open('sip:alice@ims.test');
    const bob = await open('sip:bob@ims.test');

    inviteTo('sip:bob@IMS.test;user=phone', 'by-name');
    await bob.heard.heard('incoming');
    inviteTo('sip:carol@ims.test', 'to-nobody');

    expect((await far.next('404')).kind).toBe('404');
    expect(alice.heard.kinds).toEqual(['registered']);
  });

  it('an identity that two tenants have finds neither of them', async () => {
    const pcscf = [{ host: far.address, port: far.port }];
    const access = {
      transport: 'tcp',
      homeDomain: 'ims.test',
      initialAuthorization: true,
    } as const;
    const alice = await open('sip:alice@ims.test');
    const heard: string[] = [];
    const registered = new Promise<void>((resolve) => {
      const other = bench.accounts.open(
        {
          tenant: tenantId('another'),
          ...{ impu: impu('sip:alice@ims.test'), impi: impi('alice@ims.test') },
          ...{
            secret: { kind: 'password', password: new Secret('x') },
            access: { ...access, pcscf },
          },
          instanceId: 'urn:uuid:00000000-0000-4000-8000-000000000000',
        },
        ({ kind }) => {
          heard.push(kind);
          if (kind === 'registered') resolve();
        },
      );
      other.register();
    });
    await registered;

    inviteTo('sip:alice@ims.test', 'ambiguous');
    await far.next('404');

    expect(far.connectionCount).toBe(1);
    expect([...alice.heard.kinds, ...heard]).toEqual(['registered', 'registered']);
  });

  it('a response that names a user of another flow is nobody’s', async () => {
    const alice = await open('sip:alice@ims.test');
    await open('sip:bob@ims.test', 'udp');
    const events: string[] = [];
    alice.account.invite(
      { identity: impu('sip:alice@ims.test'), target: 'sip:bob@ims.test', sdp: SDP },
      ({ kind }) => events.push(kind),
    );
    const invite = await far.next('INVITE');
    const overTcp = far.wayBack;
    await open('sip:carol@ims.test', 'udp');

    far.reply(invite, 486);
    const settled = await open('sip:dave@ims.test', 'udp');
    expect(settled.heard.kinds).toEqual(['registered']);
    expect(events).toEqual([]);
    overTcp(far.answer(invite, 603));

    await far.next('ACK');
    expect(events).toEqual(['sip-rejected']);
  });
});
