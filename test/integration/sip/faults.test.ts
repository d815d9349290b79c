import { createSocket } from 'node:dgram';
import { impu } from '@isthmus/shared/domain/ids';
import type { SipLegEvent } from '../../../media-node/src/ports/sip-leg.ts';
import { header, ScriptedRegistrar, type Text } from '../../support/scripted-registrar.ts';
import { createBench, Heard } from '../../support/sip-account-bench.ts';

const REALM = { realm: 'ims.test', username: 'alice@ims.test', password: 'pw:1' };
const FAR = 'Contact: <sip:far@192.0.2.2>';
const SDP = 'v=0\r\n';

let far: ScriptedRegistrar;
let bench: ReturnType<typeof createBench>;

beforeEach(async () => {
  far = await new ScriptedRegistrar().start();
  bench = createBench();
});
afterEach(async () => {
  await bench.accounts.close();
  await far.stop();
});

const open = (
  transport: 'tcp' | 'udp',
  extra: { readonly password?: string; readonly initialAuthorization?: boolean } = {},
): ReturnType<typeof bench.open> =>
  bench.open({
    access: {
      transport,
      pcscf: [{ host: far.address, port: far.port }],
      initialAuthorization: extra.initialAuthorization ?? true,
    },
    ...(extra.password !== undefined && { password: extra.password }),
  });

/** Loses the first message of each kind named. */
function loseFirst(...kinds: readonly string[]): void {
  const left = new Set(kinds);
  far.lose((text) => left.delete(text.kind));
}

describe('SES-7: loss over UDP', () => {
  it('a lost REGISTER and a lost INVITE are sent again', async () => {
    loseFirst('REGISTER', 'INVITE', 'BYE');
    far.serveRegistrations(REALM);
    const { account, heard } = open('udp');
    account.register();
    await heard.heard('registered');

    const legHeard = new Heard<SipLegEvent>();
    const identity = impu('sip:alice@ims.test');
    const leg = account.invite({ identity, target: 'sip:bob@ims.test', sdp: SDP }, legHeard.hear);
    const invite = await far.next('INVITE');
    far.reply(invite, 200, { headers: [FAR], body: SDP });
    await far.next('ACK');
    // A repeated 2xx is acknowledged again (RFC 3261 §13.2.2.4).
    far.reply(invite, 200, { headers: [FAR], body: SDP });
    await far.next('ACK');
    await legHeard.heard('sip-answered');
    leg.bye();
    await far.next('BYE');

    expect(legHeard.kinds).toEqual(['sip-answered']);
  });

  it('RFC 3261 §17.2.1: our refusal is repeated until it is acknowledged', async () => {
    far.serveRegistrations(REALM);
    const { account, heard } = open('udp');
    account.register();
    await heard.heard('registered');
    const contact = /<([^>]+)>/.exec(header(far.received[0] as Text, 'Contact'))?.[1] ?? '';
    const branch = far.request('INVITE', {
      uri: contact,
      headers: [
        'From: <sip:bob@ims.test>;tag=1',
        'To: <sip:alice@ims.test>',
        'Call-ID: g',
        'CSeq: 1 INVITE',
        FAR,
      ],
      body: SDP,
    });
    const { invite } = await heard.heard('incoming');
    invite.listen(() => undefined).reject(603);
    const first = await far.next('603');
    await far.next('603');
    far.request('ACK', {
      uri: contact,
      headers: [
        `Via: SIP/2.0/UDP ${far.address}:${String(far.port)};branch=${branch}`,
        'From: <sip:bob@ims.test>;tag=1',
        `To: ${header(first, 'To')}`,
        'Call-ID: g',
        'CSeq: 1 ACK',
      ],
    });

    await expect(far.next('603', 1_500)).rejects.toThrow('waited for 603');
  });
});

describe('SEC: strangers', () => {
  it('a datagram from another address than the P-CSCF is dropped and counted', async () => {
    far.serveRegistrations(REALM);
    const { account, heard } = open('udp');
    account.register();
    await heard.heard('registered');
    const contact = /<([^>]+)>/.exec(header(far.received[0] as Text, 'Contact'))?.[1] ?? '';
    const port = Number(/:(\d+)$/.exec(contact)?.[1]);
    const stranger = createSocket('udp4');
    await new Promise<void>((resolve) => stranger.bind(0, '127.0.99.9', resolve));

    stranger.send(`INVITE ${contact} SIP/2.0\r\nContent-Length: 0\r\n\r\n`, port, '127.0.0.1');

    while (!bench.dropped.includes('stranger')) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect(heard.kinds).toEqual(['registered']);
    stranger.close();
  });
});

describe('REG-6, REG-8: what the registrar may say', () => {
  it('a stale nonce is replaced, though the password was right', async () => {
    far.serveRegistrations({ ...REALM, staleFirst: true });
    const { account, heard } = open('tcp');

    account.register();

    await heard.heard('registered');
    expect(far.received).toHaveLength(3);
  });

  it('a wrong password ends it after two answers', async () => {
    far.on('REGISTER', (request) => {
      far.reply(request, 401, {
        headers: [
          `WWW-Authenticate: Digest realm="ims.test", nonce="n${String(far.received.length)}"`,
        ],
      });
    });
    const { account, heard } = open('tcp', { password: 'wrong' });

    account.register();

    expect((await heard.heard('refused')).status).toBe(401);
    expect(far.received).toHaveLength(3);
  });

  it('a challenge of a foreign realm is not answered', async () => {
    far.on('REGISTER', (request) => {
      far.reply(request, 401, {
        headers: ['WWW-Authenticate: Digest realm="evil.test", nonce="n"'],
      });
    });
    const { account, heard } = open('tcp');

    account.register();

    expect((await heard.heard('refused')).status).toBe(401);
    expect(far.received).toHaveLength(1);
  });

  it('of several challenges the strongest of our realm is answered', async () => {
    far.on('REGISTER', (request) => {
      if (far.received.length > 1) {
        far.reply(request, 403);
        return;
      }
      far.reply(request, 401, {
        headers: [
          'WWW-Authenticate: Digest realm="ims.test", nonce="weak", algorithm=MD5, Digest realm="x", nonce="y"',
          'WWW-Authenticate: Digest realm="ims.test", nonce="strong", algorithm=SHA-256, qop="auth,auth-int"',
        ],
      });
    });
    const { account, heard } = open('tcp');

    account.register();

    await heard.heard('refused');
    const answer = header(far.received[1] as Text, 'Authorization');
    expect(answer).toContain('nonce="strong"');
    expect(answer).toContain('algorithm=SHA-256, qop=auth');
  });

  it('423 is met with the expiry asked for', async () => {
    far.on('REGISTER', (request) => {
      const isFirst = header(request, 'Expires') === '600000';
      far.reply(request, isFirst ? 423 : 200, { headers: isFirst ? ['Min-Expires: 700000'] : [] });
    });
    const { account, heard } = open('tcp');

    account.register();

    await heard.heard('registered');
    expect(header(far.received[1] as Text, 'Expires')).toBe('700000');
  });

  it('REG-5: without initial authorization the first REGISTER carries none', async () => {
    far.serveRegistrations(REALM);
    const { account, heard } = open('tcp', { initialAuthorization: false });

    account.register();

    await heard.heard('registered');
    expect(header(far.received[0] as Text, 'Authorization')).toBe('');
  });
});

describe('SES-7: the connection to the P-CSCF', () => {
  it('when lost, ends its calls, is made again, and the account re-registers', async () => {
    far.serveRegistrations(REALM);
    const { account, heard } = open('tcp');
    account.register();
    await heard.heard('registered');
    const legHeard = new Heard<SipLegEvent>();
    const identity = impu('sip:alice@ims.test');
    account.invite({ identity, target: 'sip:bob@ims.test', sdp: SDP }, legHeard.hear);
    far.reply(await far.next('INVITE'), 200, { headers: [FAR], body: SDP });
    await legHeard.heard('sip-answered');
    const back = heard.next('registered');

    far.cutConnections();

    await heard.heard('lost');
    await legHeard.heard('sip-hung-up');
    await back;
    expect(heard.kinds).toEqual(['registered', 'lost', 'registered']);
  });

  it('an INVITE with no flow is refused at once, with 503', async () => {
    const { account } = open('tcp');
    await far.stop();
    const legHeard = new Heard<SipLegEvent>();
    const identity = impu('sip:alice@ims.test');

    account.invite({ identity, target: 'sip:bob@ims.test', sdp: SDP }, legHeard.hear);

    expect((await legHeard.heard('sip-rejected')).status).toBe(503);
    await far.start();
  });

  it('serves many accounts over one connection', async () => {
    far.on('REGISTER', (request) => {
      far.reply(request, 200);
    });
    const all = Array.from({ length: 20 }, (_, index) =>
      bench.open({
        access: { transport: 'tcp', pcscf: [{ host: far.address, port: far.port }] },
        impu: `sip:u${String(index)}@ims.test`,
      }),
    );

    for (const { account } of all) account.register();

    await Promise.all(all.map(({ heard }) => heard.heard('registered')));
    expect(far.connectionCount).toBe(1);
  });
});
